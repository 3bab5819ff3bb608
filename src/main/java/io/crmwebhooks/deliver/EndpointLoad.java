package io.crmwebhooks.deliver;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What this process knows of one webhook's endpoint: attempts in flight, and how long an answer
 * takes. The latency is a moving average that jumps up at once to what was found very slow and
 * comes down only with quick answers. Thread-safe.
 */
public final class EndpointLoad {
  private static final double WEIGHT = 0.2;

  private final AtomicInteger inFlight = new AtomicInteger();
  private final double slowMillis;
  private double latencyMillis = 1; // a webhook that is not known yet is taken for quick

  /**
   * @param slowMillis from where on a single answer counts at its full length
   */
  EndpointLoad(double slowMillis) {
    this.slowMillis = slowMillis;
  }

  public int inFlight() {
    return inFlight.get();
  }

  public synchronized double latencyMillis() {
    return latencyMillis;
  }

  /** Takes one of {@code limit} places, unless all are taken. */
  public boolean tryEnter(int limit) {
    int now;
    do {
      now = inFlight.get();
      if (now >= limit) {
        return false;
      }
    } while (!inFlight.compareAndSet(now, now + 1));
    return true;
  }

  /** Takes a place whatever the limit, for a delivery that was claimed within it. */
  public void enter() {
    inFlight.incrementAndGet();
  }

  /** Gives back a place that was not used. */
  void withdraw() {
    inFlight.decrementAndGet();
  }

  /** Gives the place back after an attempt. */
  void leave(long tookMillis) {
    inFlight.decrementAndGet();
    observe(tookMillis);
  }

  /** Notes that an answer took, or has already taken, this long. */
  public synchronized void observe(long tookMillis) {
    latencyMillis =
        tookMillis >= slowMillis
            ? Math.max(latencyMillis, tookMillis)
            : latencyMillis + WEIGHT * (tookMillis - latencyMillis);
  }
}
