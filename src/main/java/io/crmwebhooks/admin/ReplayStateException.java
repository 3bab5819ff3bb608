package io.crmwebhooks.admin;

/**
 * A replay is in a state from which what was asked for cannot be done; the message says which one.
 */
public final class ReplayStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReplayStateException(String message) {
    super(message);
  }
}
