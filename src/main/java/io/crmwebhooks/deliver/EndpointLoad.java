package io.crmwebhooks.deliver;

/**
 * What this process knows of one webhook's endpoint: how it fares, attempts in flight, and how long
 * an answer takes when nothing is in its way. That is an estimate of about the quicker quarter of
 * the answers: it moves by one step an answer however far off the answer is, a small one up or a
 * larger one down. A pause of this process or a stray answer counts for no more than it is, and an
 * endpoint that has become slow is known after a few dozen. An answer that a batch has waited for
 * in vain counts for more. Thread-safe.
 */
public final class EndpointLoad {
  private static final double STEP_UP = 1.1;
  private static final double STEP_DOWN = 1.3;
  private static final double STEP_UNANSWERED = 2;
  private static final double LEAST_MILLIS = 0.5;

  private final EndpointHealth health;
  private int inFlight;
  private double latencyMillis = 1;
  private boolean answered;

  EndpointLoad(EndpointHealth health) {
    this.health = health;
  }

  EndpointHealth health() {
    return health;
  }

  /** How many more attempts may be in flight, of as many as the webhook allows. */
  public int free(int concurrency) {
    return Math.max(0, health.limit(concurrency) - inFlight());
  }

  public synchronized int inFlight() {
    return inFlight;
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
  }

  /** Gives back a place that was not used. */
  synchronized void withdraw() {
    inFlight--;
  }

  /** Gives the place back after an attempt. */
  synchronized void leave(long tookMillis) {
    inFlight--;
    observe(tookMillis);
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
