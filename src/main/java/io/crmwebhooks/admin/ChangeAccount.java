package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;

/**
 * Finds the fates of the changes of a time range, one window after the other. So no statement runs
 * long or sees an old snapshot, however many changes there are. Thread-safe.
 */
public final class ChangeAccount {
  private static final int WINDOW = 20_000;
  private static final int SMALLEST_WINDOW = 100;

  private final Sql sql;
  private final Delivered delivered;

  /**
   * @param delivered deliveries that are kept elsewhere
   */
  public ChangeAccount(Sql sql, Delivered delivered) {
    this.sql = sql;
    this.delivered = delivered;
  }

  /**
   * The fate of a change at a webhook that it was owed to; the names are those of {@code
   * account-changes.sql}.
   */
  public enum Fate {
    DELIVERED,
    PENDING,
    DEAD,
    CANCELLED,
    /** Not dispatched yet. */
    QUEUED,
    /** Could not be dispatched; the reason is in {@code parked_change}. */
    PARKED,
    /** The customise route did not want it sent. */
    DROPPED,
    /** Its workspace was muted. */
    MUTED,
    /** The filter of the webhook did not want it. */
    FILTERED,
    /** The webhook was disabled, deleted or edited before it was dispatched. */
    UNSERVED,
    /** Nothing of the above: it has been lost. */
    GAP;

    /** As in JSON and SQL. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A time range and the ids that its changes lie between.
   *
   * @param workspace that asks; null: all
   * @param since null: from the oldest change on
   * @param until never in the future
   * @param first its changes come after this one
   * @param last the last of them; 0 when there are none
   * @param openAfter those after this one were perhaps committed in the range, whenever made
   * @param openUpto up to this one
   * @param completeSince of changes made up to then some have been removed; null: none has been
   */
  public record Range(
      String workspace,
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
   * Finds the changes of a time range. Of a time whose deliveries are kept nowhere any more nothing
   * can be told: the range begins behind it.
   *
   * @param workspace that asks; null: all
   * @param since null: from the oldest change on
   * @param until null or in the future: now
   */
  public Range range(String workspace, Instant since, Instant until) throws SQLException {
    Instant kept = delivered.completeSince(workspace);
    return kept == null || since != null && !since.isBefore(kept)
        ? range(workspace, since, until, null)
        : range(workspace, kept, until, kept);
  }

  private Range range(String workspace, Instant since, Instant until, Instant kept)
      throws SQLException {
    Map<String, Object> parameters =
        Map.of(
            "since",
            since == null ? "-infinity" : since,
            "until",
            until == null ? "infinity" : until);
    ObjectNode row = sql.row(sql("find-range.sql"), parameters).orElseThrow();
    JsonNode complete = row.path("complete_since");
    return new Range(
        workspace,
        since,
        Instant.parse(row.path("until").asText()),
        row.path("first_id").asLong(),
        row.path("last_id").asLong(),
        row.path("open_after").asLong(),
        row.path("open_upto").asLong(),
        later(kept, complete.isNull() ? null : Instant.parse(complete.asText())));
  }

  private static Instant later(Instant one, Instant other) {
    return one == null || other != null && other.isAfter(one) ? other : one;
  }

  /**
   * Accounts for the changes of a range.
   *
   * @param owing to whom they were owed, as {@code account-changes.sql} takes it
   * @param events patterns that narrow it; null: none
   * @param named the fates whose changes are looked for elsewhere once more, {@code GAP} among them
   * @param row takes each row of that statement
   * @param progress is told how far it has come, from 0 to 1
   */
  public void of(
      Range range,
      ArrayNode owing,
      Collection<String> events,
      Set<Fate> named,
      Consumer<ObjectNode> row,
      DoubleConsumer progress)
      throws SQLException {
    Map<String, Object> asked =
        Sql.parameters(
            "owing", owing,
            "since", range.sinceOrEver(),
            "until", range.until(),
            "openAfter", range.openAfter(),
            "openUpto", range.openUpto(),
            "events", events,
            "named", named.stream().map(Fate::key).toList());
    Set<UUID> webhooks = new HashSet<>();
    owing.forEach(one -> webhooks.add(UUID.fromString(one.path("subscription_id").asText())));
    try (Delivered.Account elsewhere = delivered.account(range.workspace())) {
      look(range, elsewhere, webhooks, asked, row, progress);
    }
    progress.accept(1);
  }

  private void look(
      Range range,
      Delivered.Account elsewhere,
      Set<UUID> webhooks,
      Map<String, Object> asked,
      Consumer<ObjectNode> row,
      DoubleConsumer progress)
      throws SQLException {
    int window = window((ArrayNode) asked.get("owing"));
    double length = range.last() - range.first();
    for (long after = range.first(); after < range.last(); ) {
      double done = (after - range.first()) / length;
      Delivered.Pairs arrived =
          elsewhere.pairs(
              webhooks,
              after,
              range.last(),
              captured(after, range.last()),
              part -> progress.accept(done + part / 2 * (1 - done)));
      FilteredOut filtered = new FilteredOut(sql, row);
      List<ObjectNode> sure = new ArrayList<>();
      SecondLook again = new SecondLook(arrived, sure::add);
      long known = Math.min(arrived.upto(), range.last());
      while (after < known) {
        long upto = endOfWindow(after, known, window);
        asked.put("after", after);
        asked.put("upto", upto);
        asked.put("arrived", arrived.blocks(after, upto));
        List<ObjectNode> rows = sql.rows(statement(), asked);
        rows.forEach(delivered.isElsewhere() ? again::take : sure::add);
        filtered.takeAll(sure);
        after = upto;
        progress.accept((after - range.first()) / length);
      }
      again.end();
      filtered.takeAll(sure);
      filtered.end();
    }
  }

  private String statement() {
    String statement = sql("account-changes.sql");
    return delivered.isElsewhere()
        ? statement
            .replace("-- what has arrived elsewhere", sql("account-arrived.sql"))
            .replace("-- all that are named", sql("account-named.sql"))
        : statement;
  }

  /** When the first of the changes was captured; null: nothing is elsewhere. */
  private Instant captured(long after, long last) throws SQLException {
    if (!delivered.isElsewhere()) {
      return null;
    }
    long micros =
        sql.row(sql("find-capture.sql"), Map.of("after", after, "last", last))
            .orElseThrow()
            .path("epoch")
            .asLong(Long.MAX_VALUE / 1000);
    return Instant.ofEpochMilli(micros / 1000);
  }

  /** Each change that a filter does not want is named, once for each webhook. */
  private static int window(ArrayNode owing) {
    long filters = 0;
    for (JsonNode one : owing) {
      filters += one.hasNonNull("filter") ? 1 : 0;
    }
    return (int) Math.max(SMALLEST_WINDOW, WINDOW * 10L / Math.max(10, filters));
  }

  private long endOfWindow(long after, long last, int size) throws SQLException {
    JsonNode upto =
        sql.row(sql("find-window.sql"), Map.of("after", after, "last", last, "size", size))
            .orElseThrow()
            .path("upto");
    return upto.isNull() ? last : upto.asLong();
  }
}
