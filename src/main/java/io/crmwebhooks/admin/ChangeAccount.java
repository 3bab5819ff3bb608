package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Finds out what became of the changes of a time range, a window after the other: no statement runs
 * long or sees an old snapshot, however many changes there are. Thread-safe.
 */
public final class ChangeAccount {
  private static final int WINDOW = 20_000;

  private final Sql sql;

  public ChangeAccount(Sql sql) {
    this.sql = sql;
  }

  /** Is told how far an account has come, from 0 to 1. */
  public interface Progress {
    Progress NONE = fraction -> {};

    void at(double fraction);
  }

  /**
   * A time range and the ids that its changes lie between.
   *
   * @param since null: from the oldest change on
   * @param until never in the future
   * @param first its changes come after this one
   * @param last the last of them; 0 when there are none
   * @param openAfter those after this one were perhaps committed in the range, whenever made
   * @param openUpto up to this one
   * @param completeSince of changes made up to then some have been removed; null: none has been
   */
  public record Range(
      Instant since,
      Instant until,
      long first,
      long last,
      long openAfter,
      long openUpto,
      Instant completeSince) {
    /** For a statement. */
    Object sinceOrEver() {
      return since == null ? "-infinity" : since;
    }
  }

  /**
   * Finds the changes of a time range.
   *
   * @param since null: from the oldest change on
   * @param until null or in the future: now
   */
  public Range range(Instant since, Instant until) throws SQLException {
    Map<String, Object> parameters =
        Map.of(
            "since",
            since == null ? "-infinity" : since,
            "until",
            until == null ? "infinity" : until);
    ObjectNode row = sql.row(sql("find-range.sql"), parameters).orElseThrow();
    JsonNode complete = row.path("complete_since");
    return new Range(
        since,
        Instant.parse(row.path("until").asText()),
        row.path("first_id").asLong(),
        row.path("last_id").asLong(),
        row.path("open_after").asLong(),
        row.path("open_upto").asLong(),
        complete.isNull() ? null : Instant.parse(complete.asText()));
  }

  /**
   * Accounts for the changes of a range.
   *
   * @param owing to whom they were owed, as {@code account-changes.sql} takes it
   * @param events patterns that narrow it; null: none
   * @param row takes each row of that statement
   */
  public void of(
      Range range,
      ArrayNode owing,
      Collection<String> events,
      Consumer<ObjectNode> row,
      Progress progress)
      throws SQLException {
    for (long after = range.first(); after < range.last(); ) {
      long upto = endOfWindow(after, range.last());
      Map<String, Object> parameters = new HashMap<>();
      parameters.put("owing", owing);
      parameters.put("after", after);
      parameters.put("upto", upto);
      parameters.put("since", range.sinceOrEver());
      parameters.put("until", range.until());
      parameters.put("openAfter", range.openAfter());
      parameters.put("openUpto", range.openUpto());
      parameters.put("events", events);
      sql.rows(sql("account-changes.sql"), parameters).forEach(row);
      after = upto;
      progress.at((double) (after - range.first()) / (range.last() - range.first()));
    }
    progress.at(1);
  }

  private long endOfWindow(long after, long last) throws SQLException {
    JsonNode upto =
        sql.row(sql("find-window.sql"), Map.of("after", after, "last", last, "size", WINDOW))
            .orElseThrow()
            .path("upto");
    return upto.isNull() ? last : upto.asLong();
  }
}
