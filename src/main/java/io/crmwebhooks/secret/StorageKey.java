package io.crmwebhooks.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.spec.SecretKeySpec;

/**
 * An AES-256 key that secrets are stored under. Its id is a fingerprint, so that it needs no name
 * and two keys are never taken for each other. Immutable; {@link #toString} is the id.
 */
public final class StorageKey {
  private static final int BYTES = 32;
  private static final int ID_BYTES = 4;

  private final byte[] bytes;
  private final SecretKeySpec aes;
  private final String id;

  private StorageKey(byte[] bytes) {
    this.bytes = bytes;
    this.aes = new SecretKeySpec(bytes, "AES");
    this.id = HexFormat.of().formatHex(Arrays.copyOf(fingerprint(bytes), ID_BYTES));
  }

  public static StorageKey generate() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new StorageKey(bytes);
  }

  /**
   * @throws IllegalArgumentException when it is not base64 of 32 bytes; without repeating it
   */
  static StorageKey parse(String base64) {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      if (bytes.length == BYTES) {
        return new StorageKey(bytes);
      }
    } catch (IllegalArgumentException e) {
      // said below, without what the decoder repeats of it
    }
    throw new IllegalArgumentException("a key must be 32 bytes in base64");
  }

  /** For the log, for messages and for the database; says nothing of the key. */
  String id() {
    return id;
  }

  SecretKeySpec aes() {
    return aes;
  }

  /** The key itself, as {@link #parse} reads it. */
  public String base64() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] fingerprint(byte[] key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("crm-webhooks storage key:".getBytes(StandardCharsets.UTF_8));
      return digest.digest(key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return id;
  }
}
