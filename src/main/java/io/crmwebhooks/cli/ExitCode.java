package io.crmwebhooks.cli;

import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import io.crmwebhooks.database.Database.UnreachableDatabaseException;
import io.crmwebhooks.settings.StartupException;
import java.io.PrintWriter;
import java.sql.SQLException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The exit codes, for scripts; the same for all commands. */
public final class ExitCode {
  /** It is done. */
  public static final int OK = 0;

  /** It could not be done: unknown id, a state that forbids it, a test that was not accepted. */
  public static final int FAILED = 1;

  /**
   * Wrong usage, a value that the API refuses, faulty routes, or a Twenty that cannot be served.
   */
  public static final int USAGE = 2;

  /** The server or the database cannot be reached, or cannot answer now. */
  public static final int UNREACHABLE = 3;

  /**
   * The token is missing, wrong, or its role does not allow this; or records would leave that
   * Twenty holds back.
   */
  public static final int REFUSED = 4;

  /** {@code reconcile} and {@code check} only: something is lost, or does not agree. */
  public static final int GAP = 5;

  /** There is a difference: {@code config plan}, {@code routes diff}, {@code twenty compare}. */
  public static final int DIFFERENT = 6;

  private ExitCode() {}

  /** A command cannot be carried out. The message is one sentence for the operator. */
  static final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /**
     * @param exitCode one of {@link ExitCode}
     */
    CommandFailure(int exitCode, String message) {
      super(message, null, false, false);
      this.exitCode = exitCode;
    }

    int exitCode() {
      return exitCode;
    }
  }

  /** Says in words why a command has failed, and makes of it the {@link ExitCode}. */
  static final class Explain implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private static final String CONNECTION = "08";

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed)
        throws Exception {
      PrintWriter err = command.getErr();
      if (e instanceof CommandFailure failure) {
        say(err, e.getMessage());
        return failure.exitCode();
      }
      if (e instanceof Problem problem) {
        say(err, Text.plain(problem.getMessage()));
        if (problem.errors().size() > 1) {
          problem
              .errors()
              .forEach(
                  error -> err.println("  " + error.field() + " " + Text.plain(error.message())));
        }
        return exitCode(problem);
      }
      if (e instanceof UnreachableDatabaseException) {
        say(err, e.getMessage());
        return ExitCode.UNREACHABLE;
      }
      if (e instanceof StartupException) {
        say(err, e.getMessage());
        return ExitCode.FAILED;
      }
      if (e instanceof SQLException sql) {
        say(err, "the database says: " + sql.getMessage());
        return String.valueOf(sql.getSQLState()).startsWith(CONNECTION)
            ? ExitCode.UNREACHABLE
            : ExitCode.FAILED;
      }
      throw e;
    }

    private static int exitCode(Problem problem) {
      return switch (problem.status()) {
        case 400, 413, 415 -> ExitCode.USAGE;
        case 401, 403, 429 -> ExitCode.REFUSED;
        case 502, 503, 504 -> ExitCode.UNREACHABLE;
        default -> ExitCode.FAILED;
      };
    }

    /** Says what is wrong with the arguments, and where to read on; not the whole help. */
    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
      CommandLine command = e.getCommandLine();
      PrintWriter err = command.getErr();
      say(err, e.getMessage());
      UnmatchedArgumentException.printSuggestions(e, err);
      err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
      return ExitCode.USAGE;
    }

    private static void say(PrintWriter err, String message) {
      err.println("crm-webhooks: " + message);
    }
  }
}
