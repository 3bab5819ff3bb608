package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.database.Database;
import io.crmwebhooks.settings.Settings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** No transaction of the CRM fails at its end, where no guard helps; on servers set up for it. */
class CaptureCommitTest {
  private static final String DOORBELL = "webhooks_change";

  @Test
  void a_transaction_of_two_phases_is_prepared_although_somebody_waits_for_changes()
      throws Exception {
    try (EmbeddedPostgres server =
            EmbeddedPostgres.builder().setServerConfig("max_prepared_transactions", "5").start();
        Connection crm = captured(server);
        Statement statement = crm.createStatement()) {
      for (String write :
          new String[] { // the first one writes the table's own function, too
            "INSERT INTO person VALUES (1, 'a'); UPDATE person SET name = 'b'",
            "DELETE FROM person",
            "INSERT INTO webhooks.change (event) VALUES ('a.b')",
            "INSERT INTO webhooks.subscription (target_url) VALUES ('http://a')"
          }) {
        statement.execute("BEGIN; " + write + "; PREPARE TRANSACTION 'two'");
        statement.execute("COMMIT PREPARED 'two'");
      }
      assertThat(value(statement, "SELECT count(*) FROM webhooks.change_queue")).isEqualTo("4");
    }
  }

  @Test
  void a_full_queue_of_notifications_fails_no_commit() throws Exception {
    try (EmbeddedPostgres server =
            EmbeddedPostgres.builder().setServerConfig("max_notify_queue_pages", "64").start();
        Connection crm = captured(server);
        Statement statement = crm.createStatement();
        Connection sleeper = server.getPostgresDatabase().getConnection();
        Statement asleep = sleeper.createStatement()) {
      asleep.execute("LISTEN " + DOORBELL);
      statement.execute("INSERT INTO person VALUES (1, 'a')");
      assertThat(sleeper.unwrap(PGConnection.class).getNotifications(5000)).hasSize(1);
      sleeper.setAutoCommit(false); // whoever listens in a long transaction holds the queue up
      asleep.execute("SELECT 1");
      fill(statement);
      statement.execute("INSERT INTO person VALUES (2, 'a')");
      assertThat(value(statement, "SELECT count(*) FROM webhooks.change_queue")).isEqualTo("2");
    }
  }

  private static void fill(Statement statement) {
    try {
      for (int i = 0; i < 100; i++) {
        statement.execute(
            "SELECT pg_notify('elsewhere', repeat('x', 7900) || i) FROM generate_series(1, 5) i");
      }
    } catch (SQLException e) {
      assertThat(e.getMessage()).contains("too many notifications in the NOTIFY queue");
      return;
    }
    throw new AssertionError("the queue took all of it");
  }

  private static Connection captured(EmbeddedPostgres server) throws SQLException {
    String url = server.getJdbcUrl("postgres", "postgres");
    Settings settings =
        Settings.load(Path.of("no such file"), Map.of(), Map.of("webhooks.database.url", url));
    Database.open(settings).close();
    Connection crm = server.getPostgresDatabase().getConnection();
    try (Statement statement = crm.createStatement()) {
      statement.execute("CREATE TABLE person (id int PRIMARY KEY, name text)");
      statement.execute("SELECT webhooks.capture('person', 'person')");
      statement.execute("UPDATE webhooks.doorbell SET armed = true");
    }
    return crm;
  }

  private static String value(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }
}
