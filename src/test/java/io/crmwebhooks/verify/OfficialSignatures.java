package io.crmwebhooks.verify;

import com.standardwebhooks.Webhook;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signed headers by code that is not of this project. */
public final class OfficialSignatures {
  private OfficialSignatures() {}

  /** Both signatures: the standard one by the official library, the other one spelled out. */
  public static Map<String, String> of(String secret, Instant sent, String body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(bytes(secret), "HmacSHA256"));
    byte[] twenty = mac.doFinal(bytes(sent.toEpochMilli() + ":" + body));
    Webhook standard =
        new Webhook(
            secret.startsWith("whsec_")
                ? secret
                : Base64.getEncoder().encodeToString(bytes(secret)));
    Map<String, String> headers = new HashMap<>();
    headers.put("X-Twenty-Webhook-Timestamp", Long.toString(sent.toEpochMilli()));
    headers.put("X-Twenty-Webhook-Signature", HexFormat.of().formatHex(twenty));
    headers.put("webhook-id", "msg_1");
    headers.put("webhook-timestamp", Long.toString(sent.getEpochSecond()));
    headers.put("webhook-signature", standard.sign("msg_1", sent.getEpochSecond(), body));
    return headers;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
