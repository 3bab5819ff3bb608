package io.crmwebhooks.pipeline;

/**
 * How many deliveries a change makes, of late, and what follows for the size of a batch: a batch is
 * over when its patience is, so it should not hold more deliveries because it has more webhooks.
 * Thread-safe.
 */
public final class FanOut {
  private static final double WEIGHT_OF_THE_LAST = 0.3;

  private final int most;
  private double perChange = 1;

  /**
   * @param most changes of a batch, and about as many deliveries
   */
  public FanOut(int most) {
    this.most = most;
  }

  /** Notes what a batch owed. */
  public synchronized void observe(int changes, int deliveries) {
    perChange += WEIGHT_OF_THE_LAST * ((double) deliveries / changes - perChange);
  }

  /** How many changes the next batch should have, 1 at least. */
  public synchronized int batchSize() {
    return (int) Math.max(1, most / Math.max(1, perChange));
  }
}
