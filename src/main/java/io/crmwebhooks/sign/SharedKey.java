package io.crmwebhooks.sign;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A secret that sender and receiver share: HMAC-SHA256 in both schemes. The CRM's scheme takes the
 * secret's UTF-8 bytes as the key, the standard one the base64 after {@code whsec_} where there is
 * one. Each signature uses a {@link Mac} of its own.
 */
final class SharedKey implements SigningKey {
  static final String PREFIX = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec twentyKey;
  private final SecretKeySpec standardKey;

  SharedKey(String secret) {
    byte[] utf8 = secret.getBytes(StandardCharsets.UTF_8);
    twentyKey = new SecretKeySpec(utf8, ALGORITHM);
    standardKey =
        secret.startsWith(PREFIX)
            ? new SecretKeySpec(SigningKey.decode(secret, PREFIX), ALGORITHM)
            : twentyKey;
  }

  /** Lower-case hex. */
  String twenty(byte[] head, byte[] body) {
    return HexFormat.of().formatHex(hmac(twentyKey, head, body));
  }

  @Override
  public String standard(byte[] head, byte[] body) {
    return "v1," + Base64.getEncoder().encodeToString(hmac(standardKey, head, body));
  }

  private static byte[] hmac(SecretKeySpec key, byte[] head, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(head);
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot compute " + ALGORITHM, e);
    }
  }
}
