package io.crmwebhooks.observe;

import java.util.Arrays;

/**
 * Counts attempts by duration, in buckets that grow by about a quarter. They tell percentiles to a
 * tenth, and are small enough to keep for each webhook and minute. Not thread-safe.
 */
public final class DurationHistogram {
  /** Upper bounds in milliseconds, inclusive; the last bucket has what took longer. */
  private static final int[] BOUNDS = bounds();

  /** How many buckets there are. */
  public static final int BUCKETS = BOUNDS.length + 1;

  private int[] counts = new int[0];

  private static int[] bounds() {
    int[] bounds = new int[58];
    bounds[0] = 1;
    for (int i = 1; i < bounds.length; i++) {
      bounds[i] = Math.max(bounds[i - 1] + 1, (int) Math.round(bounds[i - 1] * 1.25));
    }
    return bounds;
  }

  public void add(long millis) {
    int at = Arrays.binarySearch(BOUNDS, (int) Math.min(millis, Integer.MAX_VALUE));
    add(at >= 0 ? at : -at - 1, 1);
  }

  /** Adds to a bucket, of which the first is 0. */
  public void add(int bucket, int count) {
    if (bucket >= counts.length) {
      counts = Arrays.copyOf(counts, bucket + 1);
    }
    counts[bucket] += count;
  }

  public void add(DurationHistogram other) {
    for (int i = 0; i < other.counts.length; i++) {
      add(i, other.counts[i]);
    }
  }

  /** The counts, without the zeros behind the last. */
  public int[] counts() {
    return counts.clone();
  }

  /**
   * The time within which a part of the attempts has ended, at most a quarter too long.
   *
   * @param part 0 to 1
   * @return null when there is none
   */
  public Integer percentile(double part) {
    long total = Arrays.stream(counts).asLongStream().sum();
    long rank = Math.max(1, (long) Math.ceil(part * total));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return BOUNDS[Math.min(i, BOUNDS.length - 1)];
      }
    }
    return null;
  }
}
