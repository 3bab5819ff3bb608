package io.crmwebhooks.cli;

import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.database.UnreachableDatabaseException;
import io.crmwebhooks.settings.StartupException;
import java.io.PrintWriter;
import java.sql.SQLException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in words why a command has failed, and makes of it the {@link ExitCode}. */
final class Explain implements IExecutionExceptionHandler, IParameterExceptionHandler {
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
