package io.crmwebhooks.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * When an endpoint is down: from the first request to it for some time, and again every period.
 * Thread-safe.
 */
final class Outage {
  private final Duration length;
  private final Duration period;
  private final AtomicReference<Instant> start = new AtomicReference<>();

  Outage(Duration length, Duration period) {
    this.length = length;
    this.period = period;
  }

  static Outage never() {
    return new Outage(Duration.ZERO, Duration.ofDays(1));
  }

  static Outage always() {
    return new Outage(Duration.ofDays(1), Duration.ofDays(1));
  }

  /** Whether a request at this time meets it; the first one asked about begins it. */
  boolean meets(Instant request) {
    start.compareAndSet(null, request);
    long sinceStart = Duration.between(start.get(), request).toMillis();
    return sinceStart >= 0 && sinceStart % period.toMillis() < length.toMillis();
  }
}
