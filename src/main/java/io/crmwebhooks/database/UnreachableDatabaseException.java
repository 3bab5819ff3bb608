package io.crmwebhooks.database;

import io.crmwebhooks.settings.StartupException;

/** The database does not answer, or does not let this process in. */
public final class UnreachableDatabaseException extends StartupException {
  private static final long serialVersionUID = 1L;

  UnreachableDatabaseException(String message, Throwable cause) {
    super(message, cause);
  }
}
