package io.crmwebhooks.bench;

import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;

/** One database with the schema in it, and what scenarios do to it. */
final class BenchDatabase implements AutoCloseable {
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  /** Makes bodies of about 600 bytes; the number of the change comes first. */
  static final String RECORD =
      """
      {"n":%1$s,"id":"5f0c7a7e-0b5d-4c1e-9d1c-%1$s","name":{"firstName":"Adèle","lastName":"Vance %1$s"},\
      "emails":{"primaryEmail":"adele.vance.%1$s@example.org","additionalEmails":[]},\
      "jobTitle":"Retail manager","city":"Überlingen","phones":{"primaryPhoneNumber":"600123456",\
      "primaryPhoneCountryCode":"DE"},"companyId":"20202020-a305-41e7-8c72-ba44072a4c58",\
      "createdAt":"2025-02-10T15:30:50.123Z","updatedAt":"2025-02-10T15:30:50.123Z","position":%1$s,\
      "createdBy":{"source":"MANUAL","name":"Tim Apple"},"deletedAt":null}\
      """;

  private static final String WEBHOOK =
      "INSERT INTO webhooks.subscription (workspace, target_url, operations, secret) VALUES (?, ?,"
          + " ?, ?) RETURNING id";

  private static final String INSERT =
      "INSERT INTO webhooks.change (event, record_id, record) "
          + "SELECT %s, %s, CAST(format(?, n) AS json) FROM generate_series(1, ?) n";

  private static final String NUMBER = "n::text";

  private final String url;
  private final Settings settings;
  private final Database database;

  BenchDatabase(String url) {
    this.url = url;
    this.settings =
        Settings.load(
            Path.of("no such file"),
            Map.of(),
            Map.of(
                "webhooks.database.url",
                url,
                "webhooks.egress.allow",
                "127.0.0.1",
                "webhooks.custom.routes",
                TestDatabase.TEMPLATES));
    this.database = Database.open(settings);
  }

  String url() {
    return url;
  }

  String name() {
    return url.replaceAll(".*/(\\w+).*", "$1").replace('_', '-');
  }

  Connection connect() throws SQLException {
    return database.dataSource().getConnection();
  }

  UUID webhook(String targetUrl, String... operations) throws SQLException {
    return webhookOf("", targetUrl, operations);
  }

  private UUID webhookOf(String workspace, String targetUrl, String... operations)
      throws SQLException {
    try (Connection connection = connect();
        PreparedStatement insert = connection.prepareStatement(WEBHOOK)) {
      insert.setString(1, workspace);
      insert.setString(2, targetUrl);
      insert.setArray(3, connection.createArrayOf("text", operations));
      insert.setString(4, SECRET);
      try (ResultSet row = insert.executeQuery()) {
        row.next();
        return row.getObject(1, UUID.class);
      }
    }
  }

  /** A webhook and changes for it, in a workspace of their own. */
  void changesElsewhere(int count, String targetUrl) throws SQLException {
    webhookOf("elsewhere", targetUrl, "*.*");
    try (Connection connection = connect();
        PreparedStatement insert =
            connection.prepareStatement(
                INSERT
                    .formatted("'person.created'", NUMBER)
                    .replace("(event,", "(workspace, event,")
                    .replace("SELECT ", "SELECT 'elsewhere', "))) {
      insert.setString(1, RECORD);
      insert.setInt(2, count);
      insert.executeUpdate();
    }
  }

  /** Commits changes of one event. */
  void changes(int count) throws SQLException {
    try (Prepared changes = prepare(count, "'person.created'")) {
      changes.commit();
    }
  }

  /**
   * Writes changes and leaves them uncommitted, so that the work of writing them lies before the
   * measuring.
   *
   * @param event an SQL expression; {@code n} counts the changes from 1
   */
  Prepared prepare(int count, String event) throws SQLException {
    return prepare(count, event, NUMBER);
  }

  /** As above, with the SQL expression of the record's id. */
  Prepared prepare(int count, String event, String recordId) throws SQLException {
    Connection connection = connect();
    connection.setAutoCommit(false);
    try (PreparedStatement insert =
        connection.prepareStatement(INSERT.formatted(event, recordId))) {
      insert.setString(1, RECORD);
      insert.setInt(2, count);
      insert.executeUpdate();
    }
    return new Prepared(connection);
  }

  /** Changes that are written but not committed. */
  record Prepared(Connection connection) implements AutoCloseable {
    void commit() throws SQLException {
      connection.commit();
    }

    @Override
    public void close() throws SQLException {
      connection.rollback();
      connection.setAutoCommit(true);
      connection.close();
    }
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.execute();
    }
  }

  /**
   * Runs the statements of a resource one after the other, all in one transaction.
   *
   * @param values what stands for what in it
   */
  void script(String resource, Map<String, String> values) throws IOException, SQLException {
    String script;
    try (InputStream in = BenchDatabase.class.getResourceAsStream(resource)) {
      script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (Map.Entry<String, String> value : values.entrySet()) {
      script = script.replace(value.getKey(), value.getValue());
    }
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setNetworkTimeout(Runnable::run, 0); // until the pool has it back
      statement.execute(script);
    }
  }

  /**
   * @param from what follows FROM
   */
  long count(String from) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement("SELECT count(*) FROM " + from);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The size of a table with all that belongs to it. */
  long bytes(String table) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement =
            connection.prepareStatement("SELECT pg_total_relation_size('" + table + "')");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Whether every change has been recorded. */
  boolean isQueueEmpty() throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement =
            connection.prepareStatement("SELECT NOT EXISTS (SELECT FROM webhooks.undispatched)");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getBoolean(1);
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
