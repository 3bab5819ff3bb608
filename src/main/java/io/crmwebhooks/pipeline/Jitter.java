package io.crmwebhooks.pipeline;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Draws a delay evenly from around the intended one, for retries of deliveries and pauses of
 * endpoints. So those that failed together do not come back together. Thread-safe if the generator
 * is.
 *
 * @param most the greatest deviation from a delay, as a fraction of it, 0 to 1
 */
public record Jitter(double most, RandomGenerator random) {
  public static final Jitter NONE = new Jitter(0, () -> 0L);

  /** To the millisecond. */
  Duration around(double millis) {
    return Duration.ofMillis(Math.round(millis * (1 + most * (2 * random.nextDouble() - 1))));
  }
}
