package io.crmwebhooks.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.util.UUID;

/** Deliveries that have been failing for long before the benchmark begins. */
final class Backlog {
  private static final String PENDING =
      """
      INSERT INTO webhooks.delivery (change_id, subscription_id, replay_id, state, attempts, due_at, attempted_at,
        duration_ms, error)
      SELECT c.id, '%s', 1 + r, 'pending', 5, now() + random() * interval '10 hours', now(), 1, 'Connection refused'
      FROM webhooks.change c, generate_series(1, 100) r WHERE c.id IN (SELECT id FROM webhooks.change LIMIT %d)""";

  private static final String OLD =
      """
      WITH written AS (
        INSERT INTO webhooks.change (event, record_id, record, occurred_at)
        SELECT 'person.created', n::text, CAST(format('%s', n) AS json), now() - interval '60 days'
        FROM generate_series(1, %d) n
        RETURNING id)
      INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts, attempted_at, duration_ms, status, created_at)
      SELECT id, (SELECT id FROM webhooks.subscription LIMIT 1), 'delivered', 1, now() - interval '60 days', 1, 200,
        now() - interval '60 days'
      FROM written""";

  private Backlog() {}

  /** Makes changes that were delivered two months ago. */
  static void ofOldDeliveries(BenchDatabase database, int changes) throws SQLException {
    database.execute("ALTER TABLE webhooks.change DISABLE TRIGGER enqueue_changes");
    database.execute(OLD.formatted(BenchDatabase.RECORD, changes));
    database.execute("ALTER TABLE webhooks.change ENABLE TRIGGER enqueue_changes");
    database.execute(
        "INSERT INTO webhooks.log_mark SELECT now() - interval '60 days', max(id) FROM webhooks.change");
    database.execute("ANALYZE webhooks.change, webhooks.delivery");
  }

  /**
   * Makes pending deliveries to a port where nobody listens. They fall due evenly over ten hours,
   * and those of the same change differ by replay, since only the number of deliveries matters.
   */
  static void ofADeadEndpoint(BenchDatabase database, int deliveries)
      throws IOException, SQLException {
    UUID dead = database.webhook("http://127.0.0.1:" + unusedPort() + "/dead", "nothing.ever");
    database.changes(deliveries / 100);
    database.execute("DELETE FROM webhooks.change_queue");
    database.execute(PENDING.formatted(dead, deliveries / 100));
    database.execute("ANALYZE webhooks.delivery");
  }

  static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
