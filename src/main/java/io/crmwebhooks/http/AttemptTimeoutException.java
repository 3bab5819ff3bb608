package io.crmwebhooks.http;

import java.io.IOException;

/** An attempt has passed its total deadline; the message says in which phase. */
final class AttemptTimeoutException extends IOException {
  private static final long serialVersionUID = 1L;

  AttemptTimeoutException(String message, Throwable cause) {
    super(message, cause);
  }
}
