package io.crmwebhooks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** Tests of statements, each on a database of its own. */
public abstract class OwnDatabase {
  protected final TestDatabase database = TestDatabase.create();
  protected final Sql sql = new Sql(database.dataSource());

  @AfterEach
  protected void closeDatabase() {
    database.close();
  }

  /**
   * @param values to be formatted into the statement; none: it is run as it is
   */
  protected final void run(String statement, Object... values) throws SQLException {
    sql.rows(values.length == 0 ? statement : statement.formatted(values), Map.of());
  }

  protected final String value(String query) throws SQLException {
    return sql.rows("SELECT (" + query + ")::text AS is", Map.of()).get(0).path("is").asText();
  }

  /** The rows of {@code claim-due.sql} with settings as they are by default. */
  protected final List<ObjectNode> claimDue(String busy, int room) throws SQLException {
    Map<String, Object> values =
        new HashMap<>(
            Map.of("busy", busy, "room", room, "concurrency", 32, "most", 384, "lease", "60s"));
    values.putAll(Map.of("pollDelay", "100ms", "batchBytes", 4_000_000, "webhookBytes", 4_000_000));
    return sql.rows(Sql.sql("claim-due.sql"), values);
  }
}
