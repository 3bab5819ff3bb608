package io.crmwebhooks.http;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A secret that sender and receiver share: HMAC-SHA256 in both schemes. The CRM's scheme takes the
 * secret's UTF-8 bytes as the key, the standard one the base64 after {@code whsec_} where there is
 * one. Each signature uses a {@link Mac} of its own, a copy of one that has taken in the key
 * already.
 */
final class SharedKey implements SigningKey {
  static final String PREFIX = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";

  private final Keyed twentyKey;
  private final Keyed standardKey;

  SharedKey(String secret) {
    byte[] utf8 = secret.getBytes(StandardCharsets.UTF_8);
    twentyKey = keyed(utf8);
    standardKey = secret.startsWith(PREFIX) ? keyed(SigningKey.decode(secret, PREFIX)) : twentyKey;
  }

  /**
   * @param mac has taken in the key, and is copied only, so that threads may share it
   */
  private record Keyed(SecretKeySpec key, Mac mac) {
    Mac fresh() throws GeneralSecurityException {
      try {
        return (Mac) mac.clone();
      } catch (CloneNotSupportedException e) { // by some security providers
        return begun(key);
      }
    }

    @Override
    public String toString() {
      return "key";
    }
  }

  private static Keyed keyed(byte[] bytes) {
    try {
      SecretKeySpec key = new SecretKeySpec(bytes, ALGORITHM);
      return new Keyed(key, begun(key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot compute " + ALGORITHM, e);
    }
  }

  private static Mac begun(SecretKeySpec key) throws GeneralSecurityException {
    Mac mac = Mac.getInstance(ALGORITHM);
    mac.init(key);
    mac.update(new byte[0]); // else each copy would hash the key anew
    return mac;
  }

  /** Lower-case hex. */
  String twenty(byte[] head, byte[] body) {
    return HexFormat.of().formatHex(hmac(twentyKey, head, body));
  }

  @Override
  public String standard(byte[] head, byte[] body) {
    return "v1," + Base64.getEncoder().encodeToString(hmac(standardKey, head, body));
  }

  private static byte[] hmac(Keyed keyed, byte[] head, byte[] body) {
    try {
      Mac mac = keyed.fresh();
      mac.update(head);
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot compute " + ALGORITHM, e);
    }
  }
}
