package io.crmwebhooks.secret;

import io.crmwebhooks.http.NewSecret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * The form in which a secret is stored: {@code $aes-256-gcm$<key id>$<base64 of nonce, ciphertext
 * and tag>}. Its kind, the webhook's id and the key's id are authenticated with it, so that a row's
 * secret opens in no other row, and not as a header that is sent. Anything without the prefix is
 * plain text.
 *
 * <p>This is the JDK's own AES-GCM. Google Tink would do the same with a few megabytes, protobuf
 * among them, and with its own file format for keys. That is too much for two calls.
 */
public final class SealedSecret {
  static final String PREFIX = NewSecret.STORED_PREFIX;

  /** The secret that signs for a webhook. */
  static final String SECRET = "secret";

  /** The one that a token server knows a webhook by. */
  static final String CLIENT_SECRET = "client secret of oauth2";

  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * A stored secret does not open. The message says why as the end of a sentence that begins with
   * the webhook; it holds no secret, neither plain nor encrypted.
   */
  public static final class UnreadableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message) {
      super(message);
    }
  }

  private SealedSecret() {}

  /** The beginning of all secrets that are sealed with this key. */
  static String prefix(StorageKey key) {
    return PREFIX + key.id() + "$";
  }

  static boolean isSealed(String stored) {
    return stored.startsWith(PREFIX);
  }

  /** Whether it is sealed with this key, or empty. */
  static boolean isUnder(StorageKey key, String stored) {
    return stored.isEmpty() || stored.startsWith(prefix(key));
  }

  /** The id of the key that it was sealed with. */
  static String keyId(String sealed) {
    int end = sealed.indexOf('$', PREFIX.length());
    return sealed.substring(PREFIX.length(), end < 0 ? sealed.length() : end);
  }

  /** The value of a header of a webhook's own. */
  static String header(String name) {
    return "header " + name.replaceAll("[^ -~]", "?");
  }

  /**
   * @param what {@link #SECRET}, {@link #CLIENT_SECRET} or {@link #header}
   */
  static String seal(StorageKey key, String what, UUID webhook, String plain) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    try {
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, key, what, webhook, nonce)
              .doFinal(plain.getBytes(StandardCharsets.UTF_8));
      byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
      System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
      return prefix(key) + Base64.getEncoder().encodeToString(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot encrypt with AES-GCM", e);
    }
  }

  /**
   * @param key the one that {@link #keyId} names
   * @throws UnreadableException when it was changed, or belongs to another webhook
   */
  static String open(StorageKey key, String what, UUID webhook, String sealed) {
    try {
      byte[] all = Base64.getDecoder().decode(sealed.substring(prefix(key).length()));
      if (all.length < NONCE_BYTES + TAG_BITS / 8) { // the JDK's cipher would stumble over it
        throw unreadable(key, what);
      }
      Cipher cipher =
          cipher(Cipher.DECRYPT_MODE, key, what, webhook, Arrays.copyOf(all, NONCE_BYTES));
      byte[] plain = cipher.doFinal(all, NONCE_BYTES, all.length - NONCE_BYTES);
      return new String(plain, StandardCharsets.UTF_8);
    } catch (AEADBadTagException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw unreadable(key, what);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot decrypt with AES-GCM", e);
    }
  }

  private static UnreadableException unreadable(StorageKey key, String what) {
    return new UnreadableException(
        "its stored %s was changed, or is that of another webhook: it does not open with its key %s"
            .formatted(what, key.id()));
  }

  private static Cipher cipher(int mode, StorageKey key, String what, UUID webhook, byte[] nonce)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key.aes(), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(
        ("crm-webhooks " + what + " of " + webhook + " under " + key.id())
            .getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
