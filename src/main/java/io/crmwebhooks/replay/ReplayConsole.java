package io.crmwebhooks.replay;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.CrmWebhooks;
import io.crmwebhooks.StartupException;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What the replay commands have in common: the database, and how answers are shown.
 *
 * @param json whether to print JSON instead of words
 */
record ReplayConsole(CommandSpec spec, boolean json) {
  /** What a command does. */
  interface Work {
    /** Returns the exit code. */
    int in(Replays replays) throws SQLException;
  }

  int run(Work work) {
    try (Database database = Database.open(CrmWebhooks.settings())) {
      int code = work.in(new Replays(new Sql(database.dataSource())));
      out().flush();
      return code;
    } catch (SQLException | ReplayStateException e) {
      throw new StartupException(e.getMessage(), e);
    }
  }

  static <T> T found(Optional<T> found, String what) {
    return found.orElseThrow(() -> new StartupException("there is no " + what));
  }

  <T extends JsonNode> void print(T node, Function<T, String> words) {
    out().print(json ? node.toPrettyString() + System.lineSeparator() : words.apply(node));
    out().flush();
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
