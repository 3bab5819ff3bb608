package io.crmwebhooks.http;

import java.io.IOException;

/**
 * An attempt ends for a reason of ours: it is not made, is over its deadline, or the proxy does not
 * let it through. The message is in plain words for readers of the attempt, and never holds a
 * secret.
 */
public class EgressException extends IOException {
  private static final long serialVersionUID = 1L;

  public EgressException(String message) {
    super(message);
  }

  public EgressException(String message, Throwable cause) {
    super(message, cause);
  }
}
