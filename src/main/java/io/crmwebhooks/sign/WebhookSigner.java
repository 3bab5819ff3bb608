package io.crmwebhooks.sign;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs webhooks in both schemes that are sent. Immutable and thread-safe: each signature uses a
 * {@link Mac} of its own.
 *
 * <p>Sources: the CRM's webhook documentation for {@link #twenty}, and for {@link #standard} the
 * specification at
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
 */
public final class WebhookSigner {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String STANDARD_PREFIX = "whsec_";

  private final SecretKeySpec twentyKey;
  private final SecretKeySpec standardKey;

  /**
   * @param secret not empty; a {@code whsec_…} secret must have base64 after the prefix
   * @throws IllegalArgumentException when it is not so; the message does not hold the secret
   */
  public WebhookSigner(String secret) {
    if (secret.isEmpty()) {
      throw new IllegalArgumentException("an empty secret cannot sign");
    }
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    twentyKey = new SecretKeySpec(bytes, ALGORITHM);
    standardKey = new SecretKeySpec(standardBytes(secret, bytes), ALGORITHM);
  }

  private static byte[] standardBytes(String secret, byte[] utf8) {
    if (!secret.startsWith(STANDARD_PREFIX)) {
      return utf8;
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(secret.substring(STANDARD_PREFIX.length()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "a secret that begins with whsec_ must continue in base64");
    }
    if (key.length == 0) {
      throw new IllegalArgumentException("a secret that begins with whsec_ must not end there");
    }
    return key;
  }

  /**
   * The CRM's own signature: lower-case hex over {@code timestamp:body}.
   *
   * @param timestampMillis of this attempt, milliseconds since the epoch
   */
  public String twenty(long timestampMillis, byte[] body) {
    return HexFormat.of().formatHex(hmac(twentyKey, timestampMillis + ":", body));
  }

  /**
   * The Standard Webhooks 1.0 signature: {@code v1,} and base64 over {@code id.timestamp.body}.
   *
   * @param timestampSeconds of this attempt, seconds since the epoch
   */
  public String standard(String id, long timestampSeconds, byte[] body) {
    byte[] signature = hmac(standardKey, id + "." + timestampSeconds + ".", body);
    return "v1," + Base64.getEncoder().encodeToString(signature);
  }

  private static byte[] hmac(SecretKeySpec key, String prefix, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(prefix.getBytes(StandardCharsets.UTF_8));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot compute " + ALGORITHM, e);
    }
  }
}
