package io.crmwebhooks.settings;

/**
 * Something outside the program keeps it from starting or a command from being carried out: a
 * setting, the database, a name that does not exist. The message is one sentence for the operator,
 * naming the property or the thing; it is printed without a stack trace and never holds a secret.
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
