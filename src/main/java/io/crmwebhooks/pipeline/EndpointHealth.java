package io.crmwebhooks.pipeline;

import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The health of one endpoint as far as this process knows, and the attempts that may be in flight
 * to it: none while it is paused, few when it has just come back. The database holds the pause,
 * where all processes see it. This class asks for a pause or its end, and takes over the state from
 * there ({@link #adopt}). An endpoint that fares well costs a look at one field. Thread-safe.
 */
public final class EndpointHealth {
  /** A failing endpoint is noted in the database when it has failed for so long, paused or not. */
  private static final Duration NOTED_AFTER = Duration.ofMinutes(1);

  /** A question to the database without an answer is asked again. */
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(5);

  private static final int NO_LIMIT = Integer.MAX_VALUE;

  /**
   * The request of a failed attempt.
   *
   * @param failingFor how long no attempt of this process has succeeded
   * @param pause how long the endpoint is to be left alone; null: not at all yet
   */
  record Failure(Duration failingFor, Duration pause) {}

  /**
   * A finding of this process that all others should know, through the database.
   *
   * @param failing else it has accepted a delivery
   * @param parameters of the statement that notes it
   */
  record Finding(boolean failing, Map<String, Object> parameters) {
    static Finding recovered(Delivery delivery) {
      return new Finding(false, Map.of("webhook", delivery.webhook().id().toString()));
    }

    /**
     * @param reason why the attempt has failed
     */
    static Finding failing(Delivery delivery, Failure failure, String reason) {
      return new Finding(
          true,
          Map.of(
              "webhook",
              delivery.webhook().id().toString(),
              "failingFor",
              failure.failingFor().toMillis() + "ms",
              "pause",
              failure.pause() == null ? "" : failure.pause().toMillis() + "ms",
              "probe",
              Boolean.toString(delivery.history().probe()),
              "reason",
              StorableText.of(reason),
              "delivery",
              delivery.id()));
    }
  }

  private final PauseRule rule;

  private volatile boolean well = true;
  private int failures;
  private Instant failingSince;
  private boolean noted;
  private boolean paused;
  private int pauses;
  private boolean pausing;
  private Instant askedAt;
  private int limit = NO_LIMIT;

  EndpointHealth(PauseRule rule) {
    this.rule = rule;
  }

  /**
   * How many first attempts may be in flight, of as many as the webhook allows. None to an endpoint
   * that is noted: its deliveries are claimed, so that what comes of them is seen in one place.
   */
  int limit(int concurrency) {
    return well ? concurrency : Math.min(limit(), concurrency);
  }

  private synchronized int limit() {
    return noted || pausing ? 0 : limit;
  }

  /** As {@link #limit(int)}, for claims, which know of pauses themselves; null: no limit. */
  Integer limitOfClaims() {
    return well ? null : claimed();
  }

  private synchronized Integer claimed() {
    return paused ? Integer.valueOf(1) : limit == NO_LIMIT ? null : limit;
  }

  /** Whether it is paused, or is to be because this process has asked for it. */
  synchronized boolean isPaused() {
    return paused || pausing;
  }

  /**
   * Notes that an attempt has succeeded; every success lets one more attempt be in flight.
   *
   * @param delivery that was accepted
   * @return whether the database should be told that the endpoint is well again
   */
  boolean succeeded(Delivery delivery, Instant now) {
    if (well && !delivery.history().probe()) {
      return false;
    }
    synchronized (this) {
      failures = 0;
      if (!noted) {
        failingSince = null;
      }
      if (limit != NO_LIMIT && ++limit >= delivery.webhook().concurrency()) {
        limit = NO_LIMIT;
      }
      boolean tell = delivery.history().probe() || (noted && delivery.isClaimed() && mayAsk(now));
      askedAt = tell ? now : noted ? askedAt : null;
      pausing = false;
      settle();
      return tell;
    }
  }

  /**
   * Notes that an attempt has failed.
   *
   * @param status of the answer; null: there was none
   * @param asked how long the receiver wants to be left alone
   * @return the news for the database, if any
   */
  synchronized Optional<Failure> failed(
      Delivery delivery, Instant now, Integer status, Duration asked) {
    boolean probe = delivery.history().probe();
    well = false;
    failures += PauseRule.weight(status);
    failingSince = failingSince == null ? now : failingSince;
    limit = limit == NO_LIMIT ? NO_LIMIT : Math.max(1, limit / 2);
    Duration failingFor = Duration.between(failingSince, now);
    boolean pause = probe || (!paused && isToBePaused(status, asked));
    boolean note = noted ? isTooLong(failingFor) : failingFor.compareTo(NOTED_AFTER) >= 0;
    if (!(pause || (note && !paused)) || !(probe || mayAsk(now))) {
      return Optional.empty();
    }
    askedAt = now;
    pausing = pause;
    return Optional.of(new Failure(failingFor, pause ? rule.length(pauses, asked) : null));
  }

  private boolean isToBePaused(Integer status, Duration asked) {
    return rule.isReached(failures)
        || (rule.failures() > 0 && !asked.isZero() && PauseRule.isOfTheEndpoint(status));
  }

  private boolean isTooLong(Duration failingFor) {
    return failingFor.compareTo(rule.disableAfter()) >= 0;
  }

  private boolean mayAsk(Instant now) {
    return askedAt == null || Duration.between(askedAt, now).compareTo(ANSWERED_WITHIN) > 0;
  }

  /**
   * Takes over what stands in the database. An endpoint that was paused and is no longer begins
   * with one attempt at a time.
   *
   * @param since when it began to fail; null: it does not
   * @param pausedNow whether it is paused
   * @param pausesNow how often it was paused, one after the other
   */
  public synchronized void adopt(Instant since, boolean pausedNow, int pausesNow) {
    if (since == null) {
      if (noted) {
        failures = 0;
        failingSince = null;
        answered();
        limit = paused ? 1 : limit;
      }
    } else {
      answered();
      failingSince = failingSince == null || since.isBefore(failingSince) ? since : failingSince;
    }
    noted = since != null;
    paused = pausedNow;
    pauses = pausesNow;
    settle();
  }

  private void answered() {
    askedAt = null;
    pausing = false;
  }

  private void settle() {
    well = failures == 0 && !noted && askedAt == null && limit == NO_LIMIT;
  }
}
