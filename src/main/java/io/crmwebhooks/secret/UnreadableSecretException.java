package io.crmwebhooks.secret;

/**
 * A stored secret does not open. The message says why as the end of a sentence that begins with the
 * webhook; it holds no secret, neither plain nor encrypted.
 */
public final class UnreadableSecretException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableSecretException(String message) {
    super(message);
  }
}
