package io.crmwebhooks.dispatch;

/**
 * A row of the change table that can never be dispatched; the message says what is wrong with it.
 */
final class MalformedChangeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedChangeException(String message) {
    super(message);
  }
}
