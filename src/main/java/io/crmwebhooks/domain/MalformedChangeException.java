package io.crmwebhooks.domain;

/**
 * A row of the change table that can never be dispatched; the message says what is wrong with it.
 */
public final class MalformedChangeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MalformedChangeException(String message) {
    super(message);
  }
}
