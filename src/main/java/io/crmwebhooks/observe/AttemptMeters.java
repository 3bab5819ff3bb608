package io.crmwebhooks.observe;

import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Attempts by webhook and result, and how long after its change a delivery arrived. An attempt
 * costs two look-ups and two additions. Thread-safe.
 */
public final class AttemptMeters implements Consumer<Outcome> {
  private static final Duration[] LATENCIES = {
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(3),
    Duration.ofSeconds(10),
    Duration.ofMinutes(1),
    Duration.ofMinutes(10),
    Duration.ofHours(1),
    Duration.ofDays(1)
  };

  /** Beyond it a change brings a time of its own, such as year 1, and was not made then. */
  private static final Duration LONGEST = Duration.ofDays(366);

  private record Counters(
      Counter delivered, Counter failed, Counter dead, Counter gone, Counter filtered) {
    Stream<Counter> all() {
      return Stream.of(delivered, failed, dead, gone, filtered);
    }
  }

  private final MeterRegistry registry;
  private final WebhookLabels labels;
  private final Map<String, Counters> counters = new ConcurrentHashMap<>();
  private final Timer latency;

  public AttemptMeters(MeterRegistry registry, WebhookLabels labels) {
    this.registry = registry;
    this.labels = labels;
    this.latency =
        Timer.builder("webhooks.delivery.latency")
            .description("From the making of a change to when a receiver has accepted it")
            .serviceLevelObjectives(LATENCIES)
            .register(registry);
    labels.listen(this::retain);
  }

  /** Counts the attempt of an outcome, if it has one. */
  @Override
  public void accept(Outcome outcome) {
    if (outcome.attempt() == null) {
      return;
    }
    Counters counters = of(outcome.delivery().webhook().id());
    switch (outcome.state()) {
      case DELIVERED -> {
        counters.delivered.increment();
        time(outcome.delivery(), outcome.attempt());
      }
      case RETRY -> counters.failed.increment();
      case DEAD -> counters.dead.increment();
      case CANCELLED -> counters.gone.increment();
    }
  }

  /** A replayed delivery is late because somebody wanted it late. */
  private void time(Delivery delivery, Attempt attempt) {
    if (!delivery.history().replayed()) {
      Instant accepted = attempt.startedAt().plusMillis(attempt.durationMillis());
      Duration after = Duration.between(delivery.change().getOccurredAt(), accepted);
      if (after.compareTo(LONGEST) < 0) {
        latency.record(after.isNegative() ? Duration.ZERO : after); // clocks of two machines
      }
    }
  }

  /** Counts a change that the filter of a webhook did not want. */
  public void filtered(UUID webhook) {
    of(webhook).filtered.increment();
  }

  private Counters of(UUID webhook) {
    return counters.computeIfAbsent(
        labels.of(webhook),
        label ->
            new Counters(
                counter(label, "delivered"),
                counter(label, "failed"),
                counter(label, "dead"),
                counter(label, "gone"),
                Counter.builder("webhooks.filtered")
                    .description("Changes that the filter of a webhook did not want")
                    .tag("webhook", label)
                    .register(registry)));
  }

  private Counter counter(String label, String result) {
    return Counter.builder("webhooks.attempts")
        .description("Attempts by this process; failed ones will be repeated")
        .tag("webhook", label)
        .tag("result", result)
        .register(registry);
  }

  /** Webhooks come and go; their series must not pile up. */
  private void retain(Set<String> known) {
    for (String label : counters.keySet()) {
      if (!known.contains(label)) {
        counters.remove(label).all().forEach(registry::remove);
      }
    }
  }
}
