package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The knowledge of this process about one webhook's endpoint: its health, its attempts in flight,
 * and the time of an answer when nothing is in its way. That is an estimate of about the quicker
 * quarter of the answers. Each answer moves it by one step however far off it is, a small one up or
 * a larger one down. So a pause of this process or a stray answer counts little, and an endpoint
 * that has become slow is known after a few dozen. An answer that a batch has waited for in vain
 * counts for more.
 *
 * <p>Batches and claims of pending deliveries take the same places. A batch that finds none makes
 * all its deliveries pending. These cost more than those that it sends, and keep the places taken
 * for the next batch. So claims leave half of the places to batches while a quick endpoint answers
 * these at once. Thread-safe.
 */
public final class EndpointLoad {
  private static final double STEP_UP = 1.1;
  private static final double STEP_DOWN = 1.3;
  private static final double STEP_UNANSWERED = 2;
  private static final double LEAST_MILLIS = 0.5;
  private static final long GONE_RECORDED_WITHIN_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long SHARED_NANOS = Duration.ofSeconds(1).toNanos();

  private final EndpointHealth health;
  private final LongSupplier nanos;
  private int inFlight;
  private int claimed;
  private int sharedPlaces;
  private long sharedSince;
  private double latencyMillis = 1;
  private boolean answered;
  private volatile Webhook gone;
  private volatile String goneReason;
  private volatile boolean goneRecorded;
  private volatile long goneSince;

  EndpointLoad(EndpointHealth health) {
    this(health, System::nanoTime);
  }

  /**
   * @param nanos the time
   */
  EndpointLoad(EndpointHealth health, LongSupplier nanos) {
    this.health = health;
    this.nanos = nanos;
  }

  public EndpointHealth health() {
    return health;
  }

  /** How many more attempts may be in flight, of as many as the webhook allows. */
  public int free(int concurrency) {
    return Math.max(0, health.limit(concurrency) - inFlight());
  }

  public synchronized int inFlight() {
    return inFlight;
  }

  /**
   * Notes that the receiver wants nothing more for this webhook, as it was loaded. When it is
   * loaded anew, because somebody has enabled it again, it is another one.
   */
  void setGone(Webhook webhook, String reason) {
    goneReason = reason;
    if (gone != webhook || !goneRecorded) {
      goneSince = nanos.getAsLong();
      goneRecorded = false;
      gone = webhook;
    }
  }

  /** Why, as the last answer said. */
  String goneReason() {
    return goneReason;
  }

  /** Notes that the database knows. */
  void recordedGone() {
    goneRecorded = true;
  }

  /** Whether the database has yet to be told that this webhook is gone. */
  boolean isGoneUnrecorded() {
    return gone != null && !goneRecorded;
  }

  /**
   * Whether nothing may be sent to this webhook any more. If the database could not be told, the
   * receiver is asked again after a while.
   */
  public boolean isGone(Webhook webhook) {
    if (gone == null) {
      return false;
    }
    return goneRecorded
        ? gone == webhook
        : nanos.getAsLong() - goneSince < GONE_RECORDED_WITHIN_NANOS;
  }

  /** Whether there has been an answer at all. */
  public synchronized boolean hasAnswered() {
    return answered;
  }

  public synchronized double latencyMillis() {
    return latencyMillis;
  }

  /** Takes one of {@code limit} places, unless all are taken. */
  public synchronized boolean tryEnter(int limit) {
    if (inFlight >= limit) {
      return false;
    }
    inFlight++;
    return true;
  }

  /** Takes a place whatever the limit, for a delivery that was claimed within it. */
  public synchronized void enter() {
    inFlight++;
    claimed++;
  }

  /**
   * Has claims leave half of the places to batches for a second from now on.
   *
   * @param concurrency places of the webhook
   */
  public synchronized void shareWithBatches(int concurrency) {
    sharedPlaces = concurrency;
    sharedSince = nanos.getAsLong();
  }

  /**
   * The values that a claim must heed.
   *
   * @param taken places
   * @param most places that may be taken; null: as many as the webhook allows
   */
  record Places(int taken, Integer most) {}

  synchronized Places placesOfClaims() {
    int limit = health.limit(sharedPlaces);
    if (limit == 0 || nanos.getAsLong() - sharedSince >= SHARED_NANOS) {
      return new Places(inFlight, health.limitOfClaims());
    }
    int ofBatches = limit / 2;
    return new Places(Math.max(claimed, inFlight - ofBatches), limit - ofBatches);
  }

  /** Gives back a place that was not used. */
  synchronized void withdraw() {
    inFlight--;
  }

  /** Gives the place back after an attempt; one to another endpoint says nothing about this one. */
  synchronized void leave(Delivery delivery, long tookMillis) {
    inFlight--;
    if (delivery.isClaimed()) {
      claimed--;
    }
    if (delivery.elsewhere() == null) {
      observe(tookMillis);
    }
  }

  /** Notes that there is no answer yet, after this long. */
  public synchronized void observeUnanswered(long sinceMillis) {
    latencyMillis = Math.max(latencyMillis, Math.min(sinceMillis, latencyMillis * STEP_UNANSWERED));
  }

  /** Notes that an answer took this long. */
  public synchronized void observe(long tookMillis) {
    answered = true;
    latencyMillis =
        tookMillis > latencyMillis
            ? Math.min(tookMillis, latencyMillis * STEP_UP)
            : Math.max(Math.max(tookMillis, LEAST_MILLIS), latencyMillis / STEP_DOWN);
  }
}
