package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.TwentyComparison;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.verify.ReceivedFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code crm-webhooks twenty compare}. */
@Command(
    name = "compare",
    description =
        "Compares what a receiver got from Twenty with what is recorded here: the same, differs, or missing on one side.",
    exitCodeList = {
      "0:both have sent the same",
      "1 to 3:it could not be found out",
      "6:something differs, is missing, or was sent by both"
    },
    footer = {
      "  crm-webhooks listen --record received.jsonl      # where Twenty's webhooks point to",
      "  crm-webhooks twenty compare --received received.jsonl"
    })
final class TwentyCompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Console console;

  @Option(
      names = "--received",
      required = true,
      paramLabel = "FILE",
      description =
          "Requests, a JSON object a line with headers and body, as listen --record writes them.")
  private Path file;

  @Option(
      names = "--since",
      converter = PastTime.class,
      description =
          "Only events since then: " + PastTime.FORMS + ". Default: the first in the file.")
  private Instant since;

  @Option(
      names = "--until",
      converter = PastTime.class,
      description = "When the range ends, in the same forms. Default: the last in the file.")
  private Instant until;

  @Option(
      names = "--most",
      defaultValue = "100",
      description = "How many events to list at most (default: ${DEFAULT-VALUE}).")
  private int most;

  @Override
  public Integer call() throws SQLException {
    try (Database database = Database.open(Program.of(spec).settings());
        ReceivedFile received = ReceivedFile.open(file)) {
      ObjectNode report =
          new TwentyComparison(Sql.patient(database.dataSource()), received, most)
              .compare(since, until);
      console.print(report, TwentyText::comparison);
      return report.path("agrees").asBoolean() ? ExitCode.OK : ExitCode.DIFFERENT;
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, e.getMessage());
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw new CommandFailure(ExitCode.USAGE, "cannot read the file " + file);
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage());
    }
  }
}
