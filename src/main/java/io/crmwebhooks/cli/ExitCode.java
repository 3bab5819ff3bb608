package io.crmwebhooks.cli;

/** The exit codes, for scripts; the same for all commands. */
public final class ExitCode {
  /** It is done. */
  public static final int OK = 0;

  /** It could not be done: unknown id, a state that forbids it, a test that was not accepted. */
  public static final int FAILED = 1;

  /** Wrong usage, or a value that the API refuses. */
  public static final int USAGE = 2;

  /** The server or the database cannot be reached, or cannot answer now. */
  public static final int UNREACHABLE = 3;

  /** The token is missing, wrong, or its role does not allow this. */
  public static final int REFUSED = 4;

  /** {@code reconcile} and {@code check} only: something is lost, or does not agree. */
  public static final int GAP = 5;

  private ExitCode() {}
}
