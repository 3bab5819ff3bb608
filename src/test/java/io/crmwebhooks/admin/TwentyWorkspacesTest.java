package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.crmwebhooks.TwentyFixture;
import io.crmwebhooks.database.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TwentyWorkspacesTest extends OneCrm {
  @Test
  void a_table_that_somebody_holds_keeps_no_writer_of_another_waiting_and_is_tried_again()
      throws Exception {
    TwentyFixture.create(crm.database().dataSource(), TwentyFixture.NEWER);
    TwentyWorkspaces hasty = workspaces(Duration.ofMillis(1));
    List<String> all = hasty.active();
    try (Connection other = crm.database().dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(
          "LOCK TABLE %s, %s IN ROW EXCLUSIVE MODE"
              .formatted(TwentyFixture.table("note"), TwentyFixture.table("task")));
      CompletableFuture<ArrayNode> installed =
          CompletableFuture.supplyAsync(() -> install(hasty, all));
      crm.run("SET lock_timeout = '250ms'");
      while (!installed.isDone()) { // fails when it waits for longer
        crm.run("INSERT INTO %s (name) VALUES ('x')".formatted(TwentyFixture.table("company")));
      }
      assertThat(what(installed.get(), "note")).startsWith("failed").contains("lock timeout");
      assertThat(what(installed.get(), "company")).isEqualTo("captured");

      CompletableFuture<ArrayNode> patient =
          CompletableFuture.supplyAsync(() -> install(workspaces(Duration.ofSeconds(30)), all));
      other.rollback();
      assertThat(what(patient.get(), "note")).isEqualTo("captured");
    }
  }

  private static TwentyWorkspaces workspaces(Duration patience) {
    return new TwentyWorkspaces(
        new Sql(crm.database().dataSource()), crm.database().settings(Map.of()), patience);
  }

  private static ArrayNode install(TwentyWorkspaces workspaces, List<String> ids) {
    try {
      return workspaces.install(ids);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String what(ArrayNode rows, String object) {
    for (var row : rows) {
      if (row.path("object").asText().equals(object)) {
        return row.path("what").asText();
      }
    }
    return "";
  }
}
