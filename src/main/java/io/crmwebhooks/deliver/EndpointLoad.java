package io.crmwebhooks.deliver;

/**
 * What this process knows of one webhook's endpoint: attempts in flight, and how long an answer
 * takes, as a moving average. Thread-safe.
 */
public final class EndpointLoad {
  private static final double WEIGHT = 0.2;

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
    latencyMillis += WEIGHT * (tookMillis - latencyMillis);
  }
}
