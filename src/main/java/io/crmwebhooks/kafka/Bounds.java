package io.crmwebhooks.kafka;

import java.time.Duration;

/**
 * The bounds of reads of the topic of outcomes.
 *
 * @param reads at most that many at a time, beside those for accounts
 * @param records a page, or a search, looks at about that many at most
 * @param time for which a page, or a search, looks
 * @param bytes an account keeps at most about that many, and reads in passes where it needs more
 * @param accountTime for which an account of all workspaces may read
 * @param workspaceTime for which one of a workspace may
 */
public record Bounds(
    int reads,
    long records,
    Duration time,
    long bytes,
    Duration accountTime,
    Duration workspaceTime) {
  /** As they are outside of tests. */
  public static final Bounds USUAL =
      new Bounds(
          4,
          200_000,
          Duration.ofSeconds(2),
          32L << 20,
          Duration.ofMinutes(30),
          Duration.ofMinutes(5));
}
