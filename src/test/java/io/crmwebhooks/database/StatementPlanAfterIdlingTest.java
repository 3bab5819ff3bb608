package io.crmwebhooks.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The same, of plans that are made when all has been delivered and PostgreSQL has looked at the
 * tables: it thinks then that nothing ever waits.
 */
class StatementPlanAfterIdlingTest extends StatementPlanTest {
  private static final String DELIVERED =
      """
      INSERT INTO webhooks.subscription (target_url) VALUES ('http://localhost/');
      INSERT INTO webhooks.change (event, record_id, record) SELECT 'person.created', n, '{}' FROM generate_series(1, 3000) n;
      DELETE FROM webhooks.change_queue;
      INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts)
      SELECT c.id, s.id, 'delivered', 1 FROM webhooks.change c, webhooks.subscription s;
      ANALYZE webhooks.change, webhooks.change_queue, webhooks.delivery, webhooks.claim""";

  @Override
  void fillBefore(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(DELIVERED);
    }
  }
}
