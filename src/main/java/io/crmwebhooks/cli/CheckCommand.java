package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Reconciliation;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code crm-webhooks check}: works on the database, whether or not the pipeline runs. */
@Command(
    name = "check",
    description = {
      "Checks that the tables of the pipeline agree with each other, and names the contradictions. "
          + "(\"reconcile\" says whether every change was sent.)"
    },
    exitCodeList = {
      "0:all of it agrees",
      "1 to 3:it could not be found out",
      "5:something does not"
    })
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--most",
      defaultValue = "100",
      description = "How many problems to name at most (default: ${DEFAULT-VALUE}).")
  private int most;

  @Option(names = "--json", description = "Print JSON, an array of sentences.")
  private boolean json;

  @Override
  public Integer call() throws SQLException {
    try (Database database = Database.open(Program.of(spec).settings())) {
      List<String> problems =
          new Reconciliation(Sql.patient(database.dataSource())).disagreements(most);
      ArrayNode array = Json.array();
      problems.forEach(array::add);
      String words =
          problems.isEmpty()
              ? "The tables agree with each other."
              : String.join(System.lineSeparator(), problems);
      new Console(spec, json).print(array, answer -> words);
      return problems.isEmpty() ? ExitCode.OK : ExitCode.GAP;
    }
  }
}
