package io.crmwebhooks.demo;

import java.time.Duration;
import java.time.Instant;

/**
 * When an endpoint is down: from {@code start} for {@code length}, and again every {@code period}.
 */
record Outage(Instant start, Duration length, Duration period) {
  static final Outage NEVER = new Outage(Instant.EPOCH, Duration.ZERO, Duration.ofDays(1));

  boolean covers(Instant now) {
    long sinceStart = Duration.between(start, now).toMillis();
    return sinceStart >= 0 && sinceStart % period.toMillis() < length.toMillis();
  }
}
