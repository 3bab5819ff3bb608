package io.crmwebhooks.deliver;

/**
 * What this process knows of one webhook's endpoint: attempts in flight, and how long an answer
 * takes when nothing is in its way. That is an estimate of about the quicker quarter of the
 * answers: it moves by one step an answer however far off the answer is, a small one up or a larger
 * one down. A pause of this process or a stray answer counts for no more than it is, and an
 * endpoint that has become slow is known after a few dozen. Thread-safe.
 */
public final class EndpointLoad {
  private static final double STEP_UP = 1.1;
  private static final double STEP_DOWN = 1.3;

  private static final double LEAST_MILLIS = 0.5;

  private int inFlight;
  private double latencyMillis = 1; // a webhook that is not known yet is taken for quick

  public synchronized int inFlight() {
    return inFlight;
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

  /** Notes that an answer took, or has already taken, this long. */
  public synchronized void observe(long tookMillis) {
    latencyMillis =
        tookMillis > latencyMillis
            ? Math.min(tookMillis, latencyMillis * STEP_UP)
            : Math.max(Math.max(tookMillis, LEAST_MILLIS), latencyMillis / STEP_DOWN);
  }
}
