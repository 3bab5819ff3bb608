package io.crmwebhooks.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.admin.Captures;
import io.crmwebhooks.admin.Crm;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.settings.StartupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** {@code crm-webhooks capture} on top of the SQL functions. */
class CaptureCommandTest {
  private static Crm crm;
  private static Captures captures;

  @BeforeAll
  static void open() throws SQLException {
    crm = new Crm();
    captures = new Captures(crm.database().dataSource());
    crm.run(
        "CREATE SCHEMA \"workspace_1x\"",
        "CREATE TABLE \"workspace_1x\".\"_rocket\" (id int PRIMARY KEY, position float8)",
        "CREATE TABLE \"workspace_1x\".keyless (id int)");
  }

  @AfterAll
  static void close() throws SQLException {
    crm.close();
  }

  @Test
  void installs_lists_and_removes() {
    assertThat(captures.install("workspace_1x", "_rocket", "rocket", "one", List.of("position")))
        .isTrue();
    assertThat(captures.install("workspace_1x", "_rocket", "rocket", "one", List.of("position")))
        .isFalse();
    assertThat(captures.list())
        .hasToString(
            "[{\"schema\":\"workspace_1x\",\"table\":\"_rocket\",\"object\":\"rocket\",\"workspace\":\"one\",\"ignoredColumns\":[\"position\"],\"problem\":null,\"twenty\":false,\"file\":null}]");
    assertThat(captures.remove("workspace_1x", "_rocket")).isTrue();
    assertThat(captures.remove("workspace_1x", "_rocket")).isFalse();
    assertThat(captures.list()).isEmpty();
  }

  @Test
  void errors_are_one_sentence_that_names_the_table() {
    assertThatThrownBy(() -> captures.install("public", "nowhere", "n", "", List.of()))
        .isInstanceOf(StartupException.class)
        .hasMessage("cannot capture public.nowhere: relation \"public.nowhere\" does not exist");
    assertThatThrownBy(() -> captures.remove("public", "nowhere"))
        .isInstanceOf(StartupException.class)
        .hasMessage("cannot release public.nowhere: relation \"public.nowhere\" does not exist");
    assertThatThrownBy(() -> captures.install("workspace_1x", "keyless", "n", "", List.of()))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "workspace_1x.keyless cannot be captured: it has no primary key, so its records cannot be told apart");
  }

  @Test
  void the_object_is_the_table_without_leading_underscores() {
    assertThat(CaptureCommand.objectOf("_rocket")).isEqualTo("rocket");
    assertThat(CaptureCommand.objectOf("person_note")).isEqualTo("person_note");
    assertThat(CaptureCommand.objectOf("_")).isEqualTo("_");
  }

  @Test
  void the_list_is_aligned() {
    assertThat(
            CaptureCommand.TABLE.of(
                Json.trusted(
                    """
                    [{"schema":"public","table":"person","object":"person","workspace":"","ignoredColumns":[],"problem":null},
                     {"schema":"w","table":"größe","object":"g","workspace":"acme","ignoredColumns":["a","b"],"problem":"w.größe is not captured"}]""")))
        .isEqualToNormalizingNewlines(
            """
            SCHEMA  TABLE   OBJECT  WORKSPACE  IGNORED COLUMNS  STATE
            public  person  person  -          -                captured
            w       größe   g       acme       a, b             w.größe is not captured
            """);
  }

  @Test
  void an_empty_list_says_what_to_do_next() {
    assertThat(CaptureCommand.TABLE.of(Json.array()))
        .contains("crm-webhooks capture install --table");
  }

  @Test
  void a_table_that_somebody_holds_is_tried_again_and_who_holds_it_is_named() throws Exception {
    crm.run("CREATE TABLE busy (id int PRIMARY KEY)");
    Captures hasty = new Captures(crm.database().dataSource(), Duration.ofMillis(100));
    try (Connection other = crm.database().dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT count(*) FROM busy");
      assertThat(hasty.install("public", "busy", "busy", "", List.of())).isTrue();
      String pid = Integer.toString(other.unwrap(PGConnection.class).getBackendPID());
      assertThatThrownBy(() -> hasty.remove("public", "busy"))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("cannot release public.busy: the table is held by session " + pid);
      crm.run("INSERT INTO busy VALUES (1)"); // nothing waits in front of it
      CompletableFuture<Boolean> removed =
          CompletableFuture.supplyAsync(() -> captures.remove("public", "busy"));
      Awaitility.await()
          .until(
              () ->
                  crm.value("SELECT count(*) FROM pg_locks WHERE NOT granted").equals("1")
                      || removed.isDone());
      other.rollback();
      assertThat(removed.get()).isTrue();
    }
  }

  @Test
  void a_partition_that_is_held_hides_nothing_and_keeps_up_no_other_table() throws Exception {
    crm.run(
        "CREATE TABLE held (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE held_low PARTITION OF held FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE open (id int PRIMARY KEY)");
    Captures hasty = new Captures(crm.database().dataSource(), Duration.ofMillis(100));
    try (Connection other = crm.database().dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE held_low IN ACCESS EXCLUSIVE MODE");
      String pid = Integer.toString(other.unwrap(PGConnection.class).getBackendPID());
      assertThatThrownBy(
              () ->
                  CaptureCommand.each(
                      List.of("held", "open"),
                      table -> hasty.install("public", table, table, "", List.of())))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("public.held: the table is held by session " + pid);
      assertThat(hasty.list())
          .extracting(row -> row.path("table").asText())
          .containsExactly("open");
    }
    assertThat(hasty.install("public", "held", "held", "", List.of())).isTrue();
    try (Connection other = crm.database().dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE held IN ACCESS EXCLUSIVE MODE");
      crm.run("SET lock_timeout = '1s'", "SELECT webhooks.follow_partitions(false)");
      assertThat(crm.values("SELECT name FROM webhooks.captured_table WHERE problem IS NULL"))
          .containsExactlyInAnyOrder("held", "open");
    } finally {
      crm.run("RESET lock_timeout");
    }
    crm.run("DROP TABLE held, open", "SELECT webhooks.forget_capture('public', 'held')");
    assertThat(captures.remove("public", "open")).isTrue();
  }

  private static int execute(String... arguments) {
    return Commands.commandLine(Map.of()).execute(arguments);
  }

  @Test
  void install_without_a_table_is_wrong_usage() {
    assertThat(execute("capture", "install")).isEqualTo(2);
    assertThat(execute("capture", "install", "--object", "x", "--table", "a", "--table", "b"))
        .isEqualTo(2);
    assertThat(execute("capture")).isEqualTo(2);
  }
}
