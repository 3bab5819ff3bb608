package io.crmwebhooks.http;

import java.io.IOException;

/**
 * A request is not made, or not through the proxy. The message is in plain words for whoever reads
 * the attempt, and never holds a secret.
 */
public final class EgressException extends IOException {
  private static final long serialVersionUID = 1L;

  public EgressException(String message) {
    super(message);
  }

  EgressException(String message, Throwable cause) {
    super(message, cause);
  }
}
