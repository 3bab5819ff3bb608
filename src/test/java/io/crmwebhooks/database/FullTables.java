package io.crmwebhooks.database;

import static io.crmwebhooks.database.PreparedStatements.BATCH;
import static io.crmwebhooks.database.PreparedStatements.WEBHOOK;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Tests of what the prepared statements of a session cost beside much that waits, is delivered or
 * dead. They are prepared before the tables are filled.
 */
abstract class FullTables {
  private final TestDatabase database = TestDatabase.create();
  Connection connection;

  @BeforeEach
  void prepare() throws SQLException, IOException {
    connection = database.dataSource().getConnection();
    fillBefore(connection);
    execute("SET plan_cache_mode = force_generic_plan");
    for (String name : PreparedStatements.OF.keySet()) {
      if (!PreparedStatements.OF.get(name).isEmpty()) { // else it is planned anew each time
        execute(
            "PREPARE %s AS %s"
                .formatted(PreparedStatements.prepared(name), PreparedStatements.sql(name)));
      }
      execute(PreparedStatements.call(name)); // makes the plan that is kept
    }
    owe("first", 1, "now()");
    execute(END.formatted(first())); // likewise of the trigger
    execute("DELETE FROM webhooks.delivery WHERE record_key IS NOT NULL");
    execute("DELETE FROM webhooks.change WHERE record_id = 'first1'");
    execute("DELETE FROM webhooks.claim");
  }

  /** The tables as they are when the plans are made: empty. */
  void fillBefore(Connection connection) throws SQLException {}

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  static final String END =
      "UPDATE webhooks.delivery SET state = 'delivered', due_at = NULL WHERE id = '%s'";

  /** The id of the first delivery of a record. */
  String first() throws SQLException {
    return value("SELECT min(id) FROM webhooks.delivery WHERE record_key IS NOT NULL");
  }

  static final String CHANGES =
      "INSERT INTO webhooks.change (event, record_id, record) SELECT 'person.updated', %s, '{}' FROM generate_series(1, %d) n";

  private static final String PENDING =
      """
      INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at, record_key)
      SELECT id, s, 'pending', %s, webhooks.record_key(s, object, record_id)
      FROM webhooks.change, CAST('%s' AS uuid) s WHERE id IN (SELECT id FROM webhooks.change ORDER BY id DESC LIMIT %d)""";

  void orderedWebhook() throws SQLException {
    execute("DELETE FROM webhooks.subscription");
    execute("DELETE FROM webhooks.delivery");
    execute(
        "INSERT INTO webhooks.subscription (id, target_url, ordering, supersede) VALUES ('%s', 'http://localhost/', 'record', true)"
            .formatted(WEBHOOK));
  }

  /** Many for one record, many records that wait for their next attempt, a hundred that are due. */
  void waitForTheirRecords(int many) throws SQLException {
    execute(CHANGES.formatted("'x'", many));
    execute("TRUNCATE webhooks.change_queue");
    execute(PENDING.formatted("'infinity'", WEBHOOK, many));
    owe("y", many, "now() + interval '1 h'");
    owe("due" + many + "-", 100, "now()");
  }

  /** Makes a dispatched change of each of so many records, and its pending delivery. */
  void owe(String record, int many, String dueAt) throws SQLException {
    execute(CHANGES.formatted("'" + record + "' || n", many));
    execute(
        "DELETE FROM webhooks.change_queue q WHERE q.id IN (SELECT id FROM webhooks.change WHERE record_id LIKE '%s%%')"
            .formatted(record));
    execute(PENDING.formatted(dueAt, WEBHOOK, many));
  }

  /** To the last webhook, which has no deliveries, of changes that are dispatched; as id 1. */
  void startReplay() throws SQLException {
    execute("TRUNCATE webhooks.change_queue");
    execute(
        """
        INSERT INTO webhooks.replay (id, subscription_id, mode, since, until, first_id, last_id, position)
        OVERRIDING SYSTEM VALUE
        SELECT 1, (SELECT max(id::text)::uuid FROM webhooks.subscription), 'missing', '-infinity', 'infinity',
          min(id) - 1, max(id), min(id) - 1
        FROM webhooks.change""");
  }

  /** Queued changes, webhooks, and for the first webhook: ended, dead and pending deliveries. */
  void fill(int changes, int webhooks, int ended) throws SQLException {
    execute("DELETE FROM webhooks.subscription");
    execute(
        "INSERT INTO webhooks.subscription (target_url) SELECT 'http://localhost/' || n FROM generate_series(1, %d) n"
            .formatted(webhooks));
    execute(
        """
        INSERT INTO webhooks.change (event, record_id, record)
        SELECT 'person.created', n, '{}' FROM generate_series(1, %d) n"""
            .formatted(changes));
    execute(
        """
        INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at)
        SELECT n, (SELECT min(id::text)::uuid FROM webhooks.subscription),
          CASE n %% 3 WHEN 0 THEN 'delivered' WHEN 1 THEN 'dead' ELSE 'pending' END,
          CASE n %% 3 WHEN 2 THEN now() + (n - %d) * interval '1 s' END
        FROM generate_series(1, %d) n ON CONFLICT DO NOTHING"""
            .formatted(BATCH, Math.max(ended, 3 * BATCH)));
  }

  /** The pages that a run of the statement touches. */
  long pages(String name) throws SQLException, IOException {
    return pagesOf(PreparedStatements.call(name));
  }

  long pagesOf(String call) throws SQLException, IOException {
    JsonNode plan = plan(call);
    return plan.get("Shared Hit Blocks").asLong() + plan.get("Shared Read Blocks").asLong();
  }

  JsonNode plan(String call) throws SQLException, IOException {
    String explained = value("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + call);
    return new ObjectMapper().readTree(explained).get(0).get("Plan");
  }

  String value(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
