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

  private Backlog() {}

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

  private static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
