package io.crmwebhooks.observe;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Outcome;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Counts the attempts of this process by webhook and minute, and adds them to {@code
 * webhooks.attempt_minute} now and then. Thread-safe.
 */
public final class AttemptCounts implements Consumer<Outcome> {
  private static final long MINUTE_MILLIS = 60_000;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private record Key(UUID webhook, long minute) {}

  private static final class Counts {
    int delivered;
    int failed;
    int dead;
    final DurationHistogram durations = new DurationHistogram();

    void add(Counts other) {
      delivered += other.delivered;
      failed += other.failed;
      dead += other.dead;
      durations.add(other.durations);
    }
  }

  private final Sql sql;
  private final Consumer<Outcome> meters;
  private final Map<Key, Counts> counts = new ConcurrentHashMap<>();

  /**
   * @param meters is told every outcome, too
   */
  public AttemptCounts(Sql sql, Consumer<Outcome> meters) {
    this.sql = sql;
    this.meters = meters;
  }

  /** Counts the attempt of each delivery of an outcome, if it has one. */
  @Override
  public void accept(Outcome outcome) {
    outcome.each().forEach(this::count);
  }

  private void count(Outcome outcome) {
    meters.accept(outcome);
    Attempt attempt = outcome.attempt();
    if (attempt == null) {
      return;
    }
    boolean delivered = outcome.state() == Outcome.State.DELIVERED;
    boolean dead = outcome.state() == Outcome.State.DEAD;
    Key key =
        new Key(
            outcome.delivery().webhook().id(),
            attempt.startedAt().toEpochMilli() / MINUTE_MILLIS * MINUTE_MILLIS);
    counts.compute(
        key,
        (k, known) -> {
          Counts mine = known == null ? new Counts() : known;
          mine.delivered += delivered ? 1 : 0;
          mine.failed += delivered ? 0 : 1;
          mine.dead += dead ? 1 : 0;
          mine.durations.add(attempt.durationMillis());
          return mine;
        });
  }

  /**
   * Adds the counts since the last time to the table; after an error they are kept for the next
   * time.
   */
  public void flush() throws SQLException {
    List<Map.Entry<Key, Counts>> taken = new ArrayList<>();
    for (Key key : counts.keySet()) {
      Counts mine = counts.remove(key);
      if (mine != null) {
        taken.add(Map.entry(key, mine));
      }
    }
    if (taken.isEmpty()) {
      return;
    }
    try {
      sql.rows(
          sql("add-attempts.sql"),
          Map.of("rows", JSON.arrayNode().addAll(taken.stream().map(AttemptCounts::row).toList())));
    } catch (SQLException e) {
      taken.forEach(
          entry ->
              counts.merge(
                  entry.getKey(),
                  entry.getValue(),
                  (known, back) -> {
                    known.add(back);
                    return known;
                  }));
      throw e;
    }
  }

  /** As {@code add-attempts.sql} reads it. */
  private static ObjectNode row(Map.Entry<Key, Counts> entry) {
    Counts counts = entry.getValue();
    ObjectNode row =
        JSON.objectNode()
            .put("minute_ms", entry.getKey().minute())
            .put("subscription_id", entry.getKey().webhook().toString())
            .put("delivered", counts.delivered)
            .put("failed", counts.failed)
            .put("dead", counts.dead);
    ArrayNode durations = row.putArray("durations");
    Arrays.stream(counts.durations.counts()).forEach(durations::add);
    return row;
  }

  /**
   * Counts attempts by duration, in buckets that grow by about a quarter. They tell percentiles to
   * a tenth, and are small enough to keep for each webhook and minute. Not thread-safe.
   */
  public static final class DurationHistogram {
    /** Upper bounds in milliseconds, inclusive; the last bucket has what took longer. */
    private static final int[] BOUNDS = bounds();

    /** How many buckets there are. */
    public static final int BUCKETS = BOUNDS.length + 1;

    private int[] counts = new int[0];

    private static int[] bounds() {
      int[] bounds = new int[58];
      bounds[0] = 1;
      for (int i = 1; i < bounds.length; i++) {
        bounds[i] = Math.max(bounds[i - 1] + 1, (int) Math.round(bounds[i - 1] * 1.25));
      }
      return bounds;
    }

    public void add(long millis) {
      int at = Arrays.binarySearch(BOUNDS, (int) Math.min(millis, Integer.MAX_VALUE));
      add(at >= 0 ? at : -at - 1, 1);
    }

    /** Adds to a bucket, of which the first is 0. */
    public void add(int bucket, int count) {
      if (bucket >= counts.length) {
        counts = Arrays.copyOf(counts, bucket + 1);
      }
      counts[bucket] += count;
    }

    public void add(DurationHistogram other) {
      for (int i = 0; i < other.counts.length; i++) {
        add(i, other.counts[i]);
      }
    }

    /** The counts, without the zeros behind the last. */
    public int[] counts() {
      return counts.clone();
    }

    /**
     * The time within which a part of the attempts has ended, at most a quarter too long.
     *
     * @param part 0 to 1
     * @return null when there is none
     */
    public Integer percentile(double part) {
      long total = Arrays.stream(counts).asLongStream().sum();
      long rank = Math.max(1, (long) Math.ceil(part * total));
      long seen = 0;
      for (int i = 0; i < counts.length; i++) {
        seen += counts[i];
        if (seen >= rank) {
          return BOUNDS[Math.min(i, BOUNDS.length - 1)];
        }
      }
      return null;
    }
  }
}
