package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing that capture meets makes the CRM's statement fail. */
class CaptureFailureTest {
  private Crm crm;

  @BeforeEach
  void captured_table() throws SQLException {
    crm = new Crm();
    crm.run(
        "CREATE TABLE person (id int PRIMARY KEY, first_name text, deleted_at timestamptz)",
        "SELECT webhooks.capture('person', 'person')",
        "INSERT INTO person VALUES (1, 'Ada'), (2, 'Bob')");
  }

  @AfterEach
  void close() throws SQLException {
    crm.close();
  }

  @Test
  void a_table_altered_after_capture_is_captured_as_it_is_now() throws SQLException {
    crm.run("ALTER TABLE person ADD home_town text DEFAULT 'Bonn'");
    crm.run("UPDATE person SET first_name = 'x' WHERE id = 1");
    assertThat(crm.record()).contains("\"firstName\":\"x\"", "\"homeTown\":\"Bonn\"");
    crm.run("ALTER TABLE person RENAME first_name TO given_name");
    assertThat(crm.changes("UPDATE person SET given_name = 'y' WHERE id = 1"))
        .containsExactly("person.updated 1 {givenName}");
    crm.run(
        "ALTER TABLE person DROP given_name, DROP deleted_at, ALTER id TYPE text, ALTER home_town DROP DEFAULT, ALTER home_town TYPE bytea USING NULL");
    assertThat(
            crm.changes("UPDATE person SET home_town = 'z' WHERE id = '1'", "DELETE FROM person"))
        .containsExactly("person.updated 1 {homeTown}", "person.deleted 2", "person.deleted 1");
    crm.run("ALTER TABLE person RENAME TO human", "ALTER TABLE human SET SCHEMA webhooks");
    assertThat(crm.changes("INSERT INTO webhooks.human VALUES ('3')"))
        .containsExactly("person.created 3");
    assertThat(crm.warnings()).isEmpty();
  }

  @Test
  void a_table_that_lost_its_primary_key_loses_no_change() throws SQLException {
    crm.run("ALTER TABLE person DROP CONSTRAINT person_pkey");
    assertThat(crm.changes("UPDATE person SET first_name = 'x' WHERE id = 1"))
        .containsExactlyInAnyOrder(
            "person.destroyed [\"1\",\"Ada\",\"\"]", "person.created [\"1\",\"x\",\"\"]");
  }

  @Test
  void a_row_that_cannot_be_written_costs_only_its_own_record() throws SQLException {
    crm.run(
        "ALTER TABLE webhooks.change ADD CHECK (record ->> 'firstName' IS DISTINCT FROM 'bad')");
    assertThat(
            crm.changes(
                "INSERT INTO person VALUES (3, 'good'), (4, 'bad'), (5, 'good')",
                "UPDATE person SET first_name = CASE id WHEN 3 THEN 'better' ELSE 'bad' END, id = -id,"
                    + " deleted_at = NULL WHERE id IN (3, 5)",
                "UPDATE person SET deleted_at = now() WHERE id = 4",
                "DELETE FROM person WHERE id IN (1, 4)"))
        .containsExactlyInAnyOrder(
            "person.created 3",
            "person.created 4",
            "person.created 5",
            "person.destroyed 3",
            "person.destroyed 5",
            "person.created -3",
            "person.created -5",
            "person.deleted 4",
            "person.destroyed 1",
            "person.destroyed 4");
    assertThat(
            crm.values(
                "SELECT event || ' ' || record_id FROM webhooks.change WHERE record IS NULL ORDER BY id"))
        .containsExactly(
            "person.created 4", "person.created -5", "person.deleted 4", "person.destroyed 4");
    assertThat(crm.warnings()).hasSize(4).allMatch(w -> w.contains("repeated row by row"));
    assertThat(crm.value("SELECT count(*) FROM person")).isEqualTo("3");
  }

  @Test
  void a_change_table_that_is_gone_does_not_stop_the_crm_and_what_is_lost_is_counted()
      throws SQLException {
    crm.run(
        "CREATE TABLE \"заказ\" (id int PRIMARY KEY)",
        "SELECT webhooks.capture('\"заказ\"', 'order')",
        "CREATE FUNCTION place_order() RETURNS void LANGUAGE sql AS 'INSERT INTO \"заказ\" VALUES (1)'",
        "ALTER TABLE webhooks.change RENAME TO elsewhere");
    crm.run(
        "INSERT INTO person VALUES (3)", "UPDATE person SET id = id + 10", "DELETE FROM person");
    assertThat(crm.warnings()).filteredOn(w -> w.contains("and are lost: ")).hasSize(3);
    try (Connection latin =
            DriverManager.getConnection(crm.database().url() + "&allowEncodingChanges=true");
        Statement statement = latin.createStatement()) {
      // A warning that names the table cannot even be sent to this client.
      statement.execute("SET client_encoding = 'LATIN1'");
      statement.execute("SELECT place_order()");
    }
    assertThat(
            crm.values(
                "SELECT concat_ws(' ', operation, relation, changes, reason) FROM webhooks.lost_change ORDER BY id"))
        .startsWith(
            "INSERT public.person 1 relation \"webhooks.change\" does not exist",
            "UPDATE public.person 3 relation \"webhooks.change\" does not exist",
            "DELETE public.person 3 relation \"webhooks.change\" does not exist")
        .hasSize(4);
  }

  /**
   * PostgreSQL itself refuses what is too much for the transition tables; a join of them is more.
   */
  @Test
  void a_limit_of_temporary_files_that_the_statement_keeps_to_costs_no_change()
      throws SQLException {
    crm.run(
        "INSERT INTO person SELECT i, repeat('x', 100) FROM generate_series(10, 3000) i",
        "SET work_mem = '64kB'",
        "SET temp_file_limit = '1MB'",
        "UPDATE person SET first_name = repeat('y', 100)");
    assertThat(crm.warnings()).singleElement().asString().contains("exceeds temp_file_limit");
    assertThat(
            crm.value(
                "SELECT count(*) FROM webhooks.change WHERE event = 'person.updated' AND record ->> 'firstName' LIKE 'y%'"))
        .isEqualTo("2993");
  }

  /** None that the generated statements use themselves, and none that needs quoting. */
  @Test
  void no_name_of_a_column_costs_a_change() throws SQLException {
    List<String> names =
        List.of(
            ("webhooks.key key key1 key2 key3 o n t c a i action before after pair pairs old_rows new_rows settings"
                    + " reason lost TG_OP tg_argv new old excluded record relation select into strict person %s %1$I {}"
                    + " :?x $1 $1.x a\"b a'b a.b a;b \\ /* -- $sql$ $code$ _ __ "
                    + "é".repeat(31))
                .split(" "));
    crm.run(
        names.stream()
            .map(name -> '"' + name.replace("\"", "\"\"") + '"')
            .collect(
                Collectors.joining(
                    " text, ",
                    "CREATE TABLE odd (",
                    " text, \"-- (shortcut)\" text, PRIMARY KEY (\"webhooks.key\", key, key1))")),
        "SELECT webhooks.capture('odd', 'odd')");
    for (int round = 0; round < 2; round++) { // built from the catalog, then kept
      assertThat(
              crm.changes(
                  "INSERT INTO odd (\"webhooks.key\", key, key1) VALUES (1, 2, 3)",
                  "UPDATE odd SET key2 = 'x', o = 'y', \"%s\" = 'z'",
                  "DELETE FROM odd"))
          .containsExactly(
              "odd.created [\"1\",\"2\",\"3\"]",
              "odd.updated [\"1\",\"2\",\"3\"] {key2,o,%s}",
              "odd.deleted [\"1\",\"2\",\"3\"]");
    }
    crm.run(
        "ALTER TABLE webhooks.change ADD CHECK (record IS NULL) NOT VALID",
        "INSERT INTO odd (\"webhooks.key\", key, key1) VALUES (1, 2, 3)",
        "UPDATE odd SET key1 = 4");
    assertThat(crm.values("SELECT reason FROM webhooks.lost_change")).isEmpty();
  }

  @Test
  void a_renamed_or_dropped_schema_does_not_stop_the_crm() throws SQLException {
    crm.run("ALTER SCHEMA webhooks RENAME TO hooks", "INSERT INTO person VALUES (3)");
    assertThat(crm.warnings()).isNotEmpty();
    crm.run("DROP SCHEMA hooks CASCADE", "INSERT INTO person VALUES (4)");
    assertThat(crm.value("SELECT count(*) FROM person")).isEqualTo("4");
  }

  @Test
  void a_lock_timeout_of_the_crm_neither_fails_its_statement_nor_loses_the_change()
      throws Exception {
    try (Connection other = crm.database().dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK webhooks.change");
      CompletableFuture<Void> insert =
          CompletableFuture.runAsync(
              () -> {
                try {
                  crm.run("SET lock_timeout = '50ms'", "INSERT INTO person VALUES (9)");
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      Awaitility.await()
          .until(
              () -> {
                try (var row =
                    statement.executeQuery(
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                            + " AND clock_timestamp() - query_start > '150ms'")) {
                  row.next();
                  return row.getInt(1) == 1 || insert.isDone();
                }
              });
      other.rollback();
      insert.get();
    }
    assertThat(crm.values("SELECT record_id FROM webhooks.change WHERE record_id = '9'"))
        .containsExactly("9");
    assertThat(crm.warnings()).isEmpty();
  }

  @Test
  void a_statement_timeout_of_the_crm_is_its_own() throws Exception {
    try (Connection other = crm.database().dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK webhooks.change");
      assertThatThrownBy(
              () -> crm.run("SET statement_timeout = '100ms'", "INSERT INTO person VALUES (9)"))
          .hasMessageContaining("statement timeout");
    }
    crm.run("RESET statement_timeout");
    assertThat(crm.value("SELECT count(*) FROM person")).isEqualTo("2");
  }

  @Test
  void trigger_arguments_that_are_not_ours_do_not_stop_the_crm() throws SQLException {
    crm.run(
        "CREATE OR REPLACE TRIGGER webhooks_capture_insert AFTER INSERT ON person REFERENCING NEW TABLE AS new_rows"
            + " FOR EACH STATEMENT EXECUTE FUNCTION webhooks.capture_changes('nonsense')",
        "INSERT INTO person VALUES (3)");
    for (String arguments : List.of("", "'nonsense'", "'{}'", "'[]', 'x'", "''")) {
      crm.run(
          "SET check_function_bodies = off",
          "CREATE OR REPLACE TRIGGER webhooks_capture_insert AFTER INSERT ON person REFERENCING NEW TABLE AS new_rows"
              + " FOR EACH STATEMENT EXECUTE FUNCTION webhooks.capture_1("
              + arguments
              + ")",
          "INSERT INTO person SELECT 1 + max(id) FROM person",
          "INSERT INTO person SELECT 1 + max(id) FROM person");
    }
    assertThat(crm.value("SELECT count(*) FROM person")).isEqualTo("13");
    assertThat(crm.warnings()).isNotEmpty();
    assertThat(crm.changes("DELETE FROM person WHERE id = 1"))
        .containsExactly("person.destroyed 1");
  }
}
