package io.crmwebhooks.pipeline;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.pipeline.RefusedRecord.Refusal;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks through the log for {@code purge-old.sql}. A chunk that the database rejects is tried in
 * smaller ones. A change that is rejected all by itself is passed over and logged, so retention
 * never stops at a row. Thread-safe.
 */
public final class Purge {
  private static final Logger LOG = LoggerFactory.getLogger(Purge.class);

  private static final String AFTER = "after";
  private static final String CHUNK = "chunk";
  private static final String MORE = "more";

  private final Sql sql;
  private final int chunk;

  /**
   * @param chunk how many changes are looked at in a statement
   */
  public Purge(Sql sql, int chunk) {
    this.sql = sql;
    this.chunk = chunk;
  }

  /** Begins with the oldest change. */
  public void begin(Exchange exchange) {
    goOn(exchange, 0L, chunk, true);
  }

  /** Goes on behind what the statement has looked at. */
  public void advance(@Body List<Map<String, Object>> rows, Exchange exchange) {
    goOn(exchange, rows.get(0).get("last_id"), chunk, rows.get(0).get(MORE));
  }

  /** Goes on with less, or behind the one that is refused. */
  public void refused(Exchange exchange) throws SQLException {
    Object after = exchange.getProperty(AFTER);
    int tried = exchange.getProperty(CHUNK, Integer.class);
    if (tried > 1) {
      goOn(exchange, after, Math.max(1, tried / 10), true);
      return;
    }
    JsonNode refused =
        sql.row(sql("find-window.sql"), Map.of("after", after, "last", Long.MAX_VALUE, "size", 1))
            .orElseThrow()
            .path("upto");
    LOG.warn(
        "retention.passed-over change={} error=\"{}\"", refused.asText(), Refusal.reason(exchange));
    goOn(exchange, refused.asLong(), chunk, !refused.isNull());
  }

  private static void goOn(Exchange exchange, Object after, int chunk, Object more) {
    exchange.setProperty(AFTER, after);
    exchange.setProperty(CHUNK, chunk);
    exchange.setProperty(MORE, more);
  }
}
