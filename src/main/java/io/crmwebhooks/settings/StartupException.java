package io.crmwebhooks.settings;

/**
 * Something outside the program stops its start or a command: a setting, the database, a name that
 * does not exist. The message is one sentence for the operator, which names the property or the
 * thing. It is printed without a stack trace and never holds a secret.
 */
public class StartupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StartupException(String message) {
    super(message);
  }

  public StartupException(String message, Throwable cause) {
    super(message, cause);
  }
}
