package io.crmwebhooks.http;

import java.util.Base64;

/**
 * What a secret signs with. The form of the secret says which: {@code whsk_…} is the private key of
 * an ed25519 pair, anything else is shared with the receiver. Immutable, thread-safe, and without a
 * way to get the secret out again.
 */
sealed interface SigningKey permits SharedKey, Ed25519Key {
  /**
   * @param secret not empty
   * @throws IllegalArgumentException when it cannot sign; the message does not hold the secret
   */
  static SigningKey of(String secret) {
    if (secret.isEmpty()) {
      throw new IllegalArgumentException("an empty secret cannot sign");
    }
    return secret.startsWith(Ed25519Key.PREFIX) ? new Ed25519Key(secret) : new SharedKey(secret);
  }

  /**
   * One entry of {@code webhook-signature}: the identifier of the scheme, a comma, base64.
   *
   * @param head {@code id.timestamp.}, what is signed before the body
   */
  String standard(byte[] head, byte[] body);

  /** The bytes after the prefix of a secret. */
  static byte[] decode(String secret, String prefix) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(secret.substring(prefix.length()));
    } catch (IllegalArgumentException e) { // its message holds a character of the secret
      throw new IllegalArgumentException(
          "a secret that begins with " + prefix + " must continue in base64");
    }
    if (key.length == 0) {
      throw new IllegalArgumentException(
          "a secret that begins with " + prefix + " must not end there");
    }
    return key;
  }
}
