package io.crmwebhooks.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.demo.Workday.Activity;
import io.crmwebhooks.settings.StartupException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SampleCrmTest {
  private static TestDatabase database;

  private final StringWriter printed = new StringWriter();
  private final Printout printout =
      new Printout(new PrintWriter(printed), Clock.systemDefaultZone());

  @BeforeAll
  static void makeTheTables() throws SQLException {
    database = TestDatabase.create();
    SampleCrm.create(database.dataSource());
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void emptyTheTables() throws SQLException {
    execute("TRUNCATE person, company, opportunity, note, task, _rocket, webhooks.change CASCADE");
  }

  @Test
  void a_second_start_keeps_tables_rows_and_captures() throws SQLException {
    workday(1).openCompanies();

    SampleCrm.create(database.dataSource());
    workday(1).openCompanies();

    assertThat(query("SELECT count(*) FROM webhooks.change")).isEqualTo("6");
    workday(2).perform(Activity.ADD_PERSON);
    assertThat(query("SELECT count(*) FROM webhooks.change")).isEqualTo("7");
  }

  @Test
  void its_records_are_nested_as_those_of_twenty_and_name_who_made_them() throws SQLException {
    workday(1).perform(Activity.ADD_PERSON);

    assertThat(
            query(
                "SELECT record -> 'name' ->> 'firstName' = \"nameFirstName\" AND"
                    + " record -> 'createdBy' ->> 'name' = \"createdByName\" AND"
                    + " origin ->> 'workspaceMemberId' = \"createdByWorkspaceMemberId\"::text"
                    + " FROM webhooks.change, person"))
        .isEqualTo("t");
  }

  @Test
  void a_twenty_that_is_no_sample_is_left_alone() throws SQLException {
    try (TestDatabase other = TestDatabase.create();
        Connection connection = other.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA core");

      assertThatThrownBy(() -> SampleCrm.create(other.dataSource()))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("give it another database");
    }
  }

  @Test
  void webhooks_keep_their_ids_over_a_restart_and_get_the_new_port() throws SQLException {
    for (int start = 0; start < 2; start++) {
      try (SampleReceiver receiver = SampleReceiver.start(0, printout, Clock.systemDefaultZone())) {
        for (SampleWebhook webhook : SampleWebhook.values()) {
          webhook.create(database.dataSource(), receiver);
        }
        assertThat(
                query(
                    "SELECT string_agg(concat_ws(' ', target_url, source, shadow), ', ' ORDER BY id)"
                        + " FROM webhooks.subscription"))
            .isEqualTo(
                "%s twenty f, %s api f, %s api f"
                    .formatted(
                        receiver.url("/twenty"), receiver.url("/sales"), receiver.url("/flaky")));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Activity.class)
  void each_activity_runs_on_empty_and_on_filled_tables(Activity activity) throws SQLException {
    workday(1).perform(activity);
    workday(1).openCompanies();
    fill();

    workday(2).perform(activity);
  }

  @Test
  void a_rolled_back_transaction_leaves_nothing_and_is_announced() throws SQLException {
    workday(1).perform(Activity.ROLL_BACK);

    assertThat(query("SELECT count(*) FROM person")).isEqualTo("0");
    assertThat(printed.toString()).contains("rolled back");
  }

  @Test
  void tidying_up_keeps_the_tables_small() throws SQLException {
    Workday workday = workday(1);
    for (int imports = 0; imports < 20; imports++) {
      workday.perform(Activity.IMPORT_PEOPLE);
    }
    assertThat(query("SELECT count(*) FROM person")).isEqualTo("240");

    workday.perform(Activity.TIDY_UP);

    assertThat(query("SELECT count(*) FROM person")).isEqualTo("200");
  }

  @Test
  void the_same_seed_gives_the_same_people() throws SQLException {
    workday(7).perform(Activity.IMPORT_PEOPLE);
    String first = query(PEOPLE);
    execute("TRUNCATE person CASCADE");

    workday(7).perform(Activity.IMPORT_PEOPLE);

    assertThat(query(PEOPLE)).isEqualTo(first).contains(",");
  }

  private static final String PEOPLE =
      "SELECT string_agg(\"emailsPrimaryEmail\", ',' ORDER BY \"emailsPrimaryEmail\") FROM person";

  private void fill() throws SQLException {
    workday(3).perform(Activity.IMPORT_PEOPLE);
    workday(3).perform(Activity.OPEN_DEAL);
    workday(3).perform(Activity.DELETE_PERSON);
  }

  private Workday workday(long seed) {
    return new Workday(database.dataSource(), printout, new Random(seed));
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setSchema(SampleCrm.SCHEMA);
      statement.execute(sql);
    }
  }

  private static String query(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setSchema(SampleCrm.SCHEMA);
      try (ResultSet result = statement.executeQuery(sql)) {
        result.next();
        return result.getString(1);
      }
    }
  }
}
