package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.observe.AttemptCounts.DurationHistogram;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The operation on {@code /rest/stats}. Thread-safe. */
public final class StatsOperations {
  private static final List<String> MADE = List.of("delivered", "failed", "dead");
  private static final List<String> OPEN = List.of("pending", "deadLetters");
  private static final String ATTEMPTS =
      sql("stats-attempts.sql")
          .replace(
              "-- a sum for each bucket",
              IntStream.rangeClosed(1, DurationHistogram.BUCKETS)
                  .mapToObj("sum(durations[%d])"::formatted)
                  .collect(Collectors.joining(", ")));

  private final Sql sql;
  private final AttemptCounts counts;
  private final Clock clock;

  StatsOperations(Sql sql, AttemptCounts counts, Clock clock) {
    this.sql = sql;
    this.counts = counts;
    this.clock = clock;
  }

  public Answer showStats(Call call) throws SQLException {
    Fields query = call.query();
    int minutes = query.integer("minutes", 1, 1440, 60);
    UUID webhook = query.uuid("webhookId");
    query.check();
    counts.flush(); // so that it shows what this process has done up to now
    Instant until = clock.instant();
    Instant since = until.minus(Duration.ofMinutes(minutes - 1L)).truncatedTo(ChronoUnit.MINUTES);
    Map<String, Object> values =
        Sql.parameters("since", since, "webhook", webhook, "workspace", call.workspace());
    List<ObjectNode> webhooks = sql.rows(sql("stats-webhooks.sql"), values);
    if (webhook != null && webhooks.isEmpty()) {
      throw Problem.notFound("webhook", webhook.toString());
    }
    values.put("webhooks", webhooks.stream().map(row -> row.path("webhookId").asText()).toList());
    Map<String, ObjectNode> made = new HashMap<>();
    List<ObjectNode> perMinute = new ArrayList<>();
    DurationHistogram all = new DurationHistogram();
    for (ObjectNode row : sql.rows(ATTEMPTS, values)) {
      DurationHistogram durations = durations(row.remove("durations"));
      row.set("durationMs", percentiles(durations));
      if (row.hasNonNull("minute")) {
        row.remove("webhookId");
        perMinute.add(row);
      } else {
        made.put(row.path("webhookId").asText(), row);
        all.add(durations);
      }
    }
    ObjectNode none = Json.object().put("delivered", 0).put("failed", 0).put("dead", 0);
    none.set("durationMs", percentiles(new DurationHistogram()));
    for (ObjectNode row : webhooks) {
      ObjectNode attempts = made.getOrDefault(row.path("webhookId").asText(), none);
      MADE.forEach(count -> row.set(count, attempts.path(count)));
      row.set("durationMs", attempts.path("durationMs"));
    }
    ObjectNode total = Json.object();
    MADE.forEach(count -> total.put(count, sum(webhooks, count)));
    OPEN.forEach(count -> total.put(count, sum(webhooks, count)));
    total.put("oldestPendingAt", oldest(webhooks));
    if (call.workspace() == null && webhook == null) {
      total.setAll(sql.row(sql("stats-queue.sql"), Map.of()).orElseThrow());
    }
    if (webhook == null) {
      total.setAll(sql.row(sql("stats-parked.sql"), values).orElseThrow());
    }
    total.set("durationMs", percentiles(all));
    ObjectNode json = Json.object().put("since", since.toString()).put("until", until.toString());
    json.set("total", total);
    json.putArray("webhooks").addAll(webhooks);
    json.putArray("perMinute").addAll(perMinute);
    return Answer.ok(json);
  }

  private static DurationHistogram durations(JsonNode counts) {
    DurationHistogram durations = new DurationHistogram();
    for (int bucket = 0; bucket < counts.size(); bucket++) {
      durations.add(bucket, counts.path(bucket).asInt());
    }
    return durations;
  }

  private static long sum(List<ObjectNode> rows, String field) {
    return rows.stream().mapToLong(row -> row.path(field).asLong()).sum();
  }

  private static String oldest(List<ObjectNode> rows) {
    return rows.stream()
        .filter(row -> row.hasNonNull("oldestPendingAt"))
        .map(row -> Instant.parse(row.path("oldestPendingAt").asText()))
        .min(Instant::compareTo)
        .map(DatabaseTime::iso)
        .orElse(null);
  }

  private static ObjectNode percentiles(DurationHistogram durations) {
    return Json.object()
        .put("p50", durations.percentile(0.5))
        .put("p95", durations.percentile(0.95))
        .put("p99", durations.percentile(0.99));
  }
}
