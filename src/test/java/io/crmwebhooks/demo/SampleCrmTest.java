package io.crmwebhooks.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.demo.Workday.Activity;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SampleCrmTest {
  private final TestDatabase database = TestDatabase.create();
  private final StringWriter printed = new StringWriter();
  private final Printout printout =
      new Printout(new PrintWriter(printed), Clock.systemDefaultZone());

  @BeforeEach
  void makeTheTables() throws SQLException {
    execute(SampleCrm.sql("tables"));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void a_second_start_keeps_tables_rows_and_captures() throws SQLException {
    assumeTrue(query("SELECT to_regproc('webhooks.capture') IS NOT NULL").equals("t"));
    SampleCrm.create(database.dataSource());
    workday(1).openCompanies();
    String changes = query("SELECT count(*) FROM webhooks.change");

    SampleCrm.create(database.dataSource());
    workday(1).openCompanies();

    assertThat(changes).isEqualTo("6");
    assertThat(query("SELECT count(*) FROM webhooks.change")).isEqualTo(changes);
    workday(2).perform(Activity.ADD_PERSON);
    assertThat(query("SELECT count(*) FROM webhooks.change")).isEqualTo("7");
  }

  @Test
  void webhooks_keep_their_ids_over_a_restart_and_get_the_new_port() throws SQLException {
    for (int start = 0; start < 2; start++) {
      try (SampleReceiver receiver = SampleReceiver.start(0, printout, Clock.systemDefaultZone())) {
        for (SampleWebhook webhook : SampleWebhook.values()) {
          webhook.create(database.dataSource(), receiver);
        }
        assertThat(
                query("SELECT string_agg(target_url, ' ' ORDER BY id) FROM webhooks.subscription"))
            .isEqualTo(
                "%s %s %s"
                    .formatted(
                        receiver.url("/everything"),
                        receiver.url("/sales"),
                        receiver.url("/flaky")));
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

    assertThat(query("SELECT count(*) FROM crm.person")).isEqualTo("0");
    assertThat(printed.toString()).contains("rolled back");
  }

  @Test
  void tidying_up_keeps_the_tables_small() throws SQLException {
    Workday workday = workday(1);
    for (int imports = 0; imports < 20; imports++) {
      workday.perform(Activity.IMPORT_PEOPLE);
    }
    assertThat(query("SELECT count(*) FROM crm.person")).isEqualTo("240");

    workday.perform(Activity.TIDY_UP);

    assertThat(query("SELECT count(*) FROM crm.person")).isEqualTo("200");
  }

  @Test
  void the_same_seed_gives_the_same_people() throws SQLException {
    workday(7).perform(Activity.IMPORT_PEOPLE);
    String first = query(PEOPLE);
    execute("TRUNCATE crm.person CASCADE");

    workday(7).perform(Activity.IMPORT_PEOPLE);

    assertThat(query(PEOPLE)).isEqualTo(first).contains(",");
  }

  private static final String PEOPLE =
      "SELECT string_agg(\"emailsPrimaryEmail\", ',' ORDER BY \"emailsPrimaryEmail\") FROM crm.person";

  private void fill() throws SQLException {
    workday(3).perform(Activity.IMPORT_PEOPLE);
    workday(3).perform(Activity.OPEN_DEAL);
    workday(3).perform(Activity.DELETE_PERSON);
  }

  private Workday workday(long seed) {
    return new Workday(database.dataSource(), printout, new Random(seed));
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String query(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }
}
