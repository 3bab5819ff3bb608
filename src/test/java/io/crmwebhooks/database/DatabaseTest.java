package io.crmwebhooks.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.AbstractThrowableAssert;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server on which everybody but postgres must know a password. */
class DatabaseTest {
  private static EmbeddedPostgres server;

  @BeforeAll
  static void start() throws Exception {
    server =
        EmbeddedPostgres.builder()
            .setDataDirectoryCustomizer(DatabaseTest::askForPasswords)
            .start();
    execute("postgres", "CREATE ROLE crm LOGIN PASSWORD 'right'");
    execute("postgres", "CREATE DATABASE owned OWNER crm");
    execute("postgres", "CREATE DATABASE newer");
    execute("postgres", "CREATE DATABASE damaged");
    execute("postgres", "CREATE DATABASE older");
    execute("postgres", "CREATE DATABASE slow");
    execute("postgres", "CREATE DATABASE replaced");
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  private static void askForPasswords(File data) {
    try {
      Files.writeString(
          data.toPath().resolve("pg_hba.conf"),
          "host all postgres all trust\nhost all all all scram-sha-256\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:mysql://localhost/crm?password=hidden",
        "postgres://localhost/crm?password=hidden",
        "jdbc:postgresql://localhost:notaport/crm?password=hidden",
        "jdbc:postgresql://crm:hidden@localhost/crm",
        "jdbc:postgresql://crm:hidden@localhost:5432/crm"
      })
  void a_wrong_url_is_refused_without_repeating_it(String url) {
    assertRefused(url, "", "")
        .hasMessage(
            "webhooks.database.url must be of the form jdbc:postgresql://host:port/database;"
                + " user and password have properties of their own");
  }

  @Test
  void names_a_host_that_does_not_exist() {
    String host = "a".repeat(64) + ".invalid"; // too long for a name, so nobody is asked
    assertRefused("jdbc:postgresql://" + host + "/crm", "", "")
        .hasMessageStartingWith(
            "cannot reach the PostgreSQL of webhooks.database.url: unknown host " + host);
  }

  @Test
  void names_a_port_where_nothing_listens() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    assertRefused("jdbc:postgresql://localhost:" + closed + "/crm", "", "")
        .hasMessageStartingWith("cannot reach the PostgreSQL of webhooks.database.url: ")
        .hasMessageContaining("localhost:" + closed);
  }

  @Test
  void says_that_the_password_is_wrong_without_repeating_it() {
    assertRefused(url("postgres"), "crm", "wrong-one")
        .hasMessageStartingWith(
            "PostgreSQL refuses webhooks.database.username or webhooks.database.password: ")
        .hasMessageNotContaining("wrong-one");
  }

  @Test
  void says_that_the_database_does_not_exist() {
    assertRefused(url("nowhere"), "postgres", "")
        .hasMessageStartingWith("webhooks.database.url names a database that does not exist: ")
        .hasMessageContaining("nowhere");
  }

  @Test
  void says_that_the_role_may_not_make_the_schema() {
    assertRefused(url("postgres"), "crm", "right")
        .hasMessageStartingWith(
            "the role crm of webhooks.database.username may not create the schema")
        .hasMessageContaining("GRANT CREATE ON DATABASE");
  }

  @Test
  void a_role_that_owns_the_database_needs_no_other_right() throws SQLException {
    execute("owned", "CREATE TABLE pet (id int PRIMARY KEY); ALTER TABLE pet OWNER TO crm");

    try (Database database = open(url("owned"), "crm", "right");
        Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT webhooks.capture('pet', 'pet')");
      statement.execute("INSERT INTO pet VALUES (1), (2)");
    }

    assertThat(query("owned", "SELECT count(*) FROM webhooks.change")).isEqualTo("2");
  }

  @Test
  void refuses_a_schema_that_a_newer_program_has_made() throws SQLException {
    open(url("newer"), "postgres", "").close();
    execute(
        "newer",
        "INSERT INTO webhooks.flyway_schema_history (installed_rank, version, description, type,"
            + " script, installed_by, execution_time, success)"
            + " VALUES (99, '999', 'later', 'SQL', 'V999__later.sql', 'postgres', 1, true)");

    assertRefused(url("newer"), "postgres", "")
        .hasMessage(
            "the schema \"webhooks\" is at version 999, newer than this program knows;"
                + " start a newer crm-webhooks");
  }

  @Test
  void only_a_server_upgrades_a_schema_that_an_older_program_has_made() throws SQLException {
    Flyway.configure()
        .dataSource(url("older"), "postgres", "")
        .schemas("webhooks")
        .locations("classpath:db/migration")
        .target("4")
        .load()
        .migrate();

    assertRefused(url("older"), "postgres", "")
        .hasMessageStartingWith("the schema \"webhooks\" is at version 4 and this program needs ")
        .hasMessageContaining("; \"crm-webhooks run\" upgrades it");
    assertThat(latestVersion("older")).isEqualTo("4");

    Database.upgrade(settings(url("older"), "postgres", "")).close();
    assertThat(latestVersion("older")).isNotEqualTo("4");
    open(url("older"), "postgres", "").close();
  }

  @Test
  void a_server_refuses_a_schema_that_other_migrations_have_made() throws SQLException {
    open(url("damaged"), "postgres", "").close();
    execute(
        "damaged", "UPDATE webhooks.flyway_schema_history SET checksum = 1 WHERE version = '1'");

    assertThatThrownBy(() -> Database.upgrade(settings(url("damaged"), "postgres", "")))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("cannot bring the schema \"webhooks\" up to date: ")
        .hasMessageContaining("checksum mismatch for migration version 1");
  }

  @Test
  void what_makes_the_schema_may_take_longer_than_any_timeout() throws Exception {
    execute("postgres", "ALTER DATABASE slow SET statement_timeout = '1s'");
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (Connection holder = server.getDatabase("postgres", "slow").getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("CREATE SCHEMA webhooks"); // whoever makes it waits for the end of this
      Future<?> opened =
          other.submit(() -> open(url("slow") + "?socketTimeout=1", "postgres", "").close());
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  opened.isDone()
                      || query(
                              "slow",
                              "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                  + " AND query_start < clock_timestamp() - interval '2 s'")
                          .equals("1"));
      holder.rollback();
      assertThat(opened).succeedsWithin(Duration.ofSeconds(20));
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void refuses_a_server_that_is_too_old() {
    assertThatThrownBy(() -> Database.requireVersion(14, "14.22"))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "the PostgreSQL of webhooks.database.url is version 14.22; crm-webhooks needs 15 or newer");
    assertThatCode(() -> Database.requireVersion(15, "15.0")).doesNotThrowAnyException();
  }

  @Test
  void a_connection_that_can_only_read_or_has_lost_its_session_is_replaced() throws SQLException {
    try (Database database = open(url("replaced"), "postgres", "")) {
      for (String end :
          List.of(
              "SET default_transaction_read_only = on; UPDATE webhooks.doorbell SET armed = true",
              "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; UPDATE webhooks.doorbell SET armed = false",
              "SELECT pg_terminate_backend(pg_backend_pid())")) {
        catchThrowable(() -> run(database, end));
        assertThatCode(() -> run(database, "UPDATE webhooks.doorbell SET armed = false"))
            .as("after " + end)
            .doesNotThrowAnyException();
      }
    }
  }

  private static void run(Database database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String each : sql.split("; ")) {
        statement.execute(each);
      }
    }
  }

  @Test
  void refuses_a_pooler_that_lends_one_session_to_many() throws SQLException {
    try (Connection one = server.getDatabase("postgres", "postgres").getConnection();
        Connection other = server.getDatabase("postgres", "postgres").getConnection()) {
      assertThatCode(() -> Database.requireOwnSessions(one, other)).doesNotThrowAnyException();
      assertThatThrownBy(() -> Database.requireOwnSessions(one, one))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("pool_mode=session");
    }
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(
      String url, String username, String password) {
    return assertThatThrownBy(() -> open(url, username, password).close())
        .isInstanceOf(StartupException.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "hidden"));
  }

  private static Database open(String url, String username, String password) {
    return Database.open(settings(url, username, password));
  }

  private static Settings settings(String url, String username, String password) {
    return Settings.load(
        Path.of("no such file"),
        Map.of(),
        Map.of(
            "webhooks.database.url", url,
            "webhooks.database.username", username,
            "webhooks.database.password", password));
  }

  private static String latestVersion(String database) throws SQLException {
    return query(
        database,
        "SELECT version FROM webhooks.flyway_schema_history ORDER BY installed_rank DESC LIMIT 1");
  }

  private static String query(String database, String sql) throws SQLException {
    try (Connection connection = server.getDatabase("postgres", database).getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  private static String url(String database) {
    return "jdbc:postgresql://localhost:%d/%s".formatted(server.getPort(), database);
  }

  private static void execute(String database, String sql) throws SQLException {
    try (Connection connection = server.getDatabase("postgres", database).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
