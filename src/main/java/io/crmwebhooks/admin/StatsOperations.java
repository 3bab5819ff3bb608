package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.api.Answer;
import io.crmwebhooks.api.Call;
import io.crmwebhooks.api.Json;
import io.crmwebhooks.api.Problem;
import io.crmwebhooks.api.Query;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.stats.AttemptCounts;
import io.crmwebhooks.stats.DurationHistogram;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The operation on {@code /rest/stats}. Thread-safe. */
public final class StatsOperations {
  private static final List<String> SUMS =
      List.of("delivered", "failed", "dead", "pending", "deadLetters");

  private final Sql sql;
  private final AttemptCounts counts;
  private final Clock clock;

  public StatsOperations(Sql sql, AttemptCounts counts, Clock clock) {
    this.sql = sql;
    this.counts = counts;
    this.clock = clock;
  }

  public Answer show(Call call) throws SQLException {
    Query query = call.query();
    int minutes = query.integer("minutes", 1, 1440, 60);
    UUID webhook = query.uuid("webhookId");
    query.check();
    counts.flush(); // so that it shows what this process has done up to now
    Instant until = clock.instant();
    Instant since = until.minus(Duration.ofMinutes(minutes - 1L)).truncatedTo(ChronoUnit.MINUTES);
    Map<String, Object> values = new HashMap<>();
    values.put("since", since);
    values.put("webhook", webhook);
    values.put("workspace", call.caller().workspace());
    List<ObjectNode> webhooks = sql.rows(sql("stats-webhooks.sql"), values);
    if (webhook != null && webhooks.isEmpty()) {
      throw Problem.notFound("webhook", webhook.toString());
    }
    values.put("webhooks", webhooks.stream().map(row -> row.path("webhookId").asText()).toList());
    Map<String, DurationHistogram> durations = durations(values);
    ObjectNode total = Json.object();
    SUMS.forEach(sum -> total.put(sum, sum(webhooks, sum)));
    total.put("oldestPendingAt", oldest(webhooks));
    if (call.caller().workspace() == null && webhook == null) {
      total.setAll(sql.row(sql("stats-queue.sql"), Map.of()).orElseThrow());
    }
    DurationHistogram all = new DurationHistogram();
    for (ObjectNode row : webhooks) {
      DurationHistogram own =
          durations.getOrDefault(row.path("webhookId").asText(), new DurationHistogram());
      row.set("durationMs", percentiles(own));
      all.add(own);
    }
    total.set("durationMs", percentiles(all));
    ObjectNode json = Json.object().put("since", since.toString()).put("until", until.toString());
    json.set("total", total);
    json.putArray("webhooks").addAll(webhooks);
    ArrayNode perMinute = json.putArray("perMinute");
    for (ObjectNode row : sql.rows(sql("stats-minutes.sql"), values)) {
      DurationHistogram own = durations.get(row.path("minute").asText());
      row.set("durationMs", percentiles(own == null ? new DurationHistogram() : own));
      perMinute.add(row);
    }
    return Answer.ok(json);
  }

  /** By webhook and, beside these, by minute. */
  private Map<String, DurationHistogram> durations(Map<String, Object> values) throws SQLException {
    Map<String, DurationHistogram> durations = new HashMap<>();
    for (ObjectNode row : sql.rows(sql("stats-durations.sql"), values)) {
      durations
          .computeIfAbsent(
              row.path(row.hasNonNull("webhookId") ? "webhookId" : "minute").asText(),
              key -> new DurationHistogram())
          .add(row.path("bucket").asInt(), row.path("count").asInt());
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
        .map(Instant::toString)
        .orElse(null);
  }

  private static ObjectNode percentiles(DurationHistogram durations) {
    return Json.object()
        .put("p50", durations.percentile(0.5))
        .put("p95", durations.percentile(0.95))
        .put("p99", durations.percentile(0.99));
  }
}
