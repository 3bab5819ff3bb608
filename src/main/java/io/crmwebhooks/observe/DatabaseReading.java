package io.crmwebhooks.observe;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Gauges of what only the database knows: how much waits, and for how long. One statement reads it
 * now and then; scrapes show the last reading, and NaN before the first. Ages go on growing from
 * there, so that what is stuck never looks well because nothing can be read. Thread-safe.
 */
public final class DatabaseReading {
  private static final double NANOS = 1e9;

  /**
   * The waiting work for a webhook, or for all that share a label; an age of 0 says that there is
   * none.
   */
  private record Waiting(double pending, double dead, double paused, double age) {
    static Waiting of(JsonNode row) {
      return new Waiting(
          row.path("pending").asDouble(),
          row.path("dead").asDouble(),
          row.path("paused").asDouble(),
          row.path("age").asDouble());
    }

    Waiting and(Waiting other) {
      return new Waiting(
          pending + other.pending,
          dead + other.dead,
          paused + other.paused,
          Math.max(age, other.age));
    }
  }

  private record Reading(long at, JsonNode all, Map<String, Waiting> byLabel) {}

  private final Sql sql;
  private final WebhookLabels labels;
  private final LongSupplier nanos;
  private volatile Reading last;

  public DatabaseReading(Sql sql, WebhookLabels labels, LongSupplier nanos) {
    this.sql = sql;
    this.labels = labels;
    this.nanos = nanos;
    this.last = new Reading(nanos.getAsLong(), MissingNode.getInstance(), Map.of());
  }

  /** Reads afresh. */
  public void read() throws SQLException {
    List<ObjectNode> rows = sql.rows(sql("read-gauges.sql"), Map.of());
    Map<UUID, Waiting> byWebhook = new LinkedHashMap<>();
    rows.stream()
        .filter(row -> row.hasNonNull("id"))
        .forEach(row -> byWebhook.put(UUID.fromString(row.get("id").asText()), Waiting.of(row)));
    labels.setFirst(List.copyOf(byWebhook.keySet()));
    Map<String, Waiting> byLabel = new HashMap<>();
    byWebhook.forEach((id, waiting) -> byLabel.merge(labels.of(id), waiting, Waiting::and));
    last = new Reading(nanos.getAsLong(), rows.get(0), byLabel);
  }

  void register(MeterRegistry registry) {
    add(registry, "changes.queued", null, "Changes that wait on the queue", () -> all("queued"));
    add(registry, "changes.claimed", null, "Changes being worked on", () -> all("claimed"));
    add(
        registry,
        "changes.parked",
        null,
        "Changes that cannot be sent and were set aside, counted up to 10000",
        () -> all("parked"));
    add(
        registry,
        "changes.lost",
        null,
        "Changes that capture could not write, as far back as deliveries are kept",
        this::lost);
    add(
        registry,
        "capture.problems",
        null,
        "Problems that keep changes from being captured or queued",
        this::problems);
    add(
        registry,
        "oldest.queued.age",
        "seconds",
        "Age of the oldest change that is queued or claimed; 0: there is none",
        () -> grown(all("queued_age")));
    add(
        registry,
        "readings.age",
        "seconds",
        "For how long the database has not been read for these gauges",
        this::elapsed);
    labels.gauge(
        registry,
        "webhooks.deliveries.pending",
        null,
        "Deliveries that wait for an attempt, counted up to 10000",
        label -> of(label, Waiting::pending));
    labels.gauge(
        registry,
        "webhooks.dead.letters",
        null,
        "Deliveries that are dead, counted up to 10000",
        label -> of(label, Waiting::dead));
    labels.gauge(
        registry,
        "webhooks.paused",
        null,
        "Webhooks whose endpoint is paused because it fails",
        label -> of(label, Waiting::paused));
    labels.gauge(
        registry,
        "webhooks.oldest.undelivered.age",
        "seconds",
        "Age of the oldest change that the webhook is owed and has not got; 0: there is none",
        label -> grown(of(label, Waiting::age)));
  }

  /** How many changes capture has lost; NaN before the first reading. */
  double lost() {
    return all("lost");
  }

  /** How many problems with capture operators were told of and are there still; likewise. */
  double problems() {
    return all("trouble");
  }

  private static void add(
      MeterRegistry registry, String name, String unit, String text, Supplier<Number> value) {
    Gauge.builder("webhooks." + name, value).baseUnit(unit).description(text).register(registry);
  }

  private double all(String column) {
    Reading now = last;
    return now.all.isMissingNode() ? Double.NaN : now.all.path(column).asDouble();
  }

  private double of(String label, ToDoubleFunction<Waiting> value) {
    Reading now = last;
    Waiting waiting = now.byLabel.get(label);
    return waiting != null
        ? value.applyAsDouble(waiting)
        : now.all.isMissingNode() ? Double.NaN : 0;
  }

  private double grown(double age) {
    return age > 0 ? age + elapsed() : age;
  }

  private double elapsed() {
    return (nanos.getAsLong() - last.at) / NANOS;
  }
}
