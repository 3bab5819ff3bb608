package io.crmwebhooks.verify;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Cryptography of the receiver's side; shares no code with the sender's, so that no error of it is
 * repeated here.
 */
final class SigningKey {
  static final String SHARED = "whsec_";
  static final String PUBLIC = "whpk_";
  static final String PRIVATE = "whsk_";

  /** What stands before the 32 bytes of an Ed25519 key in the encoding that Java reads. */
  private static final String X509 = "302a300506032b6570032100";

  private SigningKey() {}

  /**
   * The key of {@code webhook-signature}: the base64 behind {@code whsec_}, or else the text
   * itself.
   *
   * @throws IllegalArgumentException when the base64 is broken
   */
  static byte[] standard(String secret) {
    if (!secret.startsWith(SHARED)) {
      return secret.getBytes(StandardCharsets.UTF_8);
    }
    return Base64.getDecoder().decode(secret.substring(SHARED.length()));
  }

  /** Of nothing but what is given; the key must not be empty. */
  static byte[] hmac(byte[] key, String before, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(before.getBytes(StandardCharsets.UTF_8));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  /**
   * @throws IllegalArgumentException when it is no Ed25519 key
   */
  static PublicKey publicKey(String text) {
    try {
      byte[] raw = Base64.getDecoder().decode(text.substring(PUBLIC.length()));
      String encoded = X509 + HexFormat.of().formatHex(raw);
      return KeyFactory.getInstance("Ed25519")
          .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(encoded)));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("it is no Ed25519 key", e);
    }
  }

  static boolean verifies(PublicKey key, String before, byte[] body, byte[] signature) {
    try {
      Signature check = Signature.getInstance("Ed25519");
      check.initVerify(key);
      check.update(before.getBytes(StandardCharsets.UTF_8));
      check.update(body);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
