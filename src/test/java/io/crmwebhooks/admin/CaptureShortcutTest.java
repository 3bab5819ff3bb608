package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each captured table has a function of its own, whose statements are written once. */
class CaptureShortcutTest {
  private static final String FUNCTIONS =
      "SELECT proname FROM pg_proc WHERE pronamespace = 'webhooks'::regnamespace AND proname ~ '^capture_[0-9]+$'";

  private Crm crm;

  @BeforeEach
  void captured_table() throws SQLException {
    crm = new Crm();
    crm.run(
        "CREATE TYPE stay AS (since int, how text)",
        "CREATE DOMAIN visit AS stay",
        "CREATE TABLE person (id int PRIMARY KEY, first_name text, visit visit)",
        "SELECT webhooks.capture('person', 'person')",
        "INSERT INTO person VALUES (1, 'Ada')");
  }

  @AfterEach
  void close() throws SQLException {
    assertThat(crm.warnings()).isEmpty();
    crm.close();
  }

  private String version() throws SQLException {
    return crm.value("SELECT ctid || ' ' || xmin FROM pg_proc WHERE proname = 'capture_1'");
  }

  private void forget_how_to_build_statements() throws SQLException {
    crm.run("ALTER FUNCTION webhooks.capture_statement RENAME TO forgotten");
  }

  private void remember() throws SQLException {
    crm.run("ALTER FUNCTION webhooks.forgotten RENAME TO capture_statement");
  }

  @Test
  void after_the_first_statement_none_is_built_from_the_catalog() throws SQLException {
    forget_how_to_build_statements();
    assertThat(
            crm.changes(
                "INSERT INTO person VALUES (2, 'Bob')",
                "UPDATE person SET first_name = 'Eve'",
                "DELETE FROM person WHERE id = 1"))
        .containsExactly(
            "person.created 2",
            "person.updated 1 {firstName}",
            "person.updated 2 {firstName}",
            "person.deleted 1");
  }

  @Test
  void the_first_statement_after_an_alteration_writes_the_function_anew_and_no_other_does()
      throws SQLException {
    crm.run("ALTER TABLE person ADD home_town text", "INSERT INTO person (id) VALUES (2)");
    String written = version();
    forget_how_to_build_statements();
    assertThat(crm.changes("UPDATE person SET home_town = 'Bonn' WHERE id = 2"))
        .containsExactly("person.updated 2 {homeTown}");
    assertThat(crm.record()).contains("\"homeTown\":\"Bonn\"");
    remember();
    crm.run(
        "VACUUM FULL person",
        "ANALYZE person",
        "ALTER TABLE person ALTER home_town SET DEFAULT 'Rome', ENABLE ROW LEVEL SECURITY",
        "CREATE INDEX ON person (home_town)",
        "ALTER TABLE person RENAME TO human",
        "INSERT INTO human (id) VALUES (3)");
    assertThat(version()).isEqualTo(written);
    crm.run("ALTER TABLE human RENAME home_town TO town", "INSERT INTO human (id) VALUES (4)");
    assertThat(version()).isNotEqualTo(written);
    assertThat(crm.record()).contains("\"town\":\"Rome\"").doesNotContain("homeTown");
  }

  @Test
  void an_alteration_that_rolls_back_leaves_what_was() throws SQLException {
    assertThat(
            crm.changes(
                "BEGIN",
                "ALTER TABLE person ADD note text, DROP visit",
                "INSERT INTO person VALUES (2, 'Bob', 'x')",
                "UPDATE person SET note = 'y'",
                "ROLLBACK",
                "INSERT INTO person VALUES (3, 'Zoe', '(1,x)')",
                "BEGIN",
                "SAVEPOINT here",
                "ALTER TABLE person RENAME first_name TO given_name",
                "UPDATE person SET given_name = 'y'",
                "ROLLBACK TO here",
                "UPDATE person SET first_name = 'z' WHERE id = 3",
                "COMMIT"))
        .containsExactly("person.created 3", "person.updated 3 {firstName}");
    assertThat(crm.record())
        .isEqualTo("{\"id\":3,\"firstName\":\"z\",\"visit\":{\"since\":1,\"how\":\"x\"}}");
  }

  @Test
  void an_altered_composite_type_is_noticed() throws SQLException {
    crm.run(
        "ALTER TYPE stay ADD ATTRIBUTE how_long int",
        "INSERT INTO person VALUES (2, '', '(1,x,5)')");
    assertThat(crm.record()).contains("\"howLong\":5");
    crm.run("ALTER TYPE stay RENAME ATTRIBUTE how TO why", "UPDATE person SET first_name = 'x'");
    assertThat(crm.record()).contains("\"why\":\"x\"");
    crm.run("ALTER TYPE stay DROP ATTRIBUTE why", "DELETE FROM person WHERE id = 2");
    assertThat(crm.record()).contains("\"visit\":{\"since\":1,\"howLong\":5}");
  }

  @Test
  void another_primary_key_is_noticed() throws SQLException {
    crm.run("ALTER TABLE person DROP CONSTRAINT person_pkey, ADD PRIMARY KEY (first_name, id)");
    assertThat(crm.changes("DELETE FROM person")).containsExactly("person.deleted [\"Ada\",\"1\"]");
  }

  @Test
  void other_settings_are_noticed() throws SQLException {
    crm.run("SELECT webhooks.capture('person', 'human', 'w', '{first_name}')");
    assertThat(
            crm.changes("UPDATE person SET first_name = 'x'", "INSERT INTO person VALUES (2, 'y')"))
        .containsExactly("human.created 2");
    assertThat(crm.values(FUNCTIONS)).containsExactly("capture_1");
  }

  @Test
  void while_another_transaction_writes_the_function_nobody_waits() throws SQLException {
    crm.run("ALTER TABLE person ADD note text");
    try (Connection other = crm.database().dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("INSERT INTO person (id, note) VALUES (2, 'a')");
      String before = version();
      crm.run("SET statement_timeout = '20s'", "INSERT INTO person (id, note) VALUES (3, 'b')");
      assertThat(crm.record()).contains("\"note\":\"b\"");
      assertThat(version()).isEqualTo(before);
      other.commit();
      assertThat(version()).isNotEqualTo(before);
    }
    forget_how_to_build_statements();
    crm.run("INSERT INTO person (id, note) VALUES (4, 'c')");
    assertThat(crm.record()).contains("\"note\":\"c\"");
  }

  @Test
  void the_function_goes_with_its_table() throws SQLException {
    crm.run(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY)",
        "SELECT webhooks.capture('a', 'a')",
        "SELECT webhooks.capture('b', 'b')");
    assertThat(crm.values(FUNCTIONS))
        .containsExactlyInAnyOrder("capture_1", "capture_2", "capture_3");
    crm.run("DROP TABLE a", "SELECT webhooks.release('b')");
    assertThat(crm.values(FUNCTIONS)).containsExactly("capture_1");
  }

  @Test
  void a_function_that_serves_a_second_table_is_left_as_it_is() throws SQLException {
    crm.run(
        "CREATE TABLE other (nr int PRIMARY KEY)",
        "CREATE TRIGGER own AFTER INSERT ON other REFERENCING NEW TABLE AS new_rows"
            + " FOR EACH STATEMENT EXECUTE FUNCTION webhooks.capture_1('{\"object\":\"other\",\"workspace\":\"\"}')");
    String before = version();
    assertThat(
            crm.changes("INSERT INTO other VALUES (1), (2)", "INSERT INTO person VALUES (2, 'x')"))
        .hasSize(3)
        .contains("person.created 2");
    assertThat(crm.record()).contains("\"firstName\":\"x\"");
    assertThat(version()).isEqualTo(before);
  }

  @Test
  void names_cannot_end_the_text_that_they_stand_in() throws SQLException {
    String column = "\"$code$; -- (shortcut) $function$ %s '' \\ ; END \"\" o.n\"";
    crm.run(
        "CREATE TABLE odd (id int PRIMARY KEY, " + column + " int, tg_op int, settings int)",
        "SELECT webhooks.capture('odd', 'o$code$;%s')",
        "INSERT INTO odd VALUES (1, 2, 3, 4)");
    forget_how_to_build_statements();
    assertThat(
            crm.changes(
                "INSERT INTO odd VALUES (2, 2, 3, 4)", "UPDATE odd SET tg_op = 9, settings = 8"))
        .containsExactly(
            "o$code$;%s.created 2",
            "o$code$;%s.updated 1 {tgOp,settings}", "o$code$;%s.updated 2 {tgOp,settings}");
    assertThat(crm.record())
        .contains("\"$code$; -- (shortcut) $function$ %s '' \\\\ ; END \\\" o.n\":2");
  }
}
