package io.crmwebhooks.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a delivery is tried again: a delay after each failed attempt, drawn evenly from around the
 * scheduled one so that deliveries that failed together do not come back together. Thread-safe if
 * the generator is.
 */
public final class RetrySchedule {
  private final List<Duration> delays;
  private final double jitter;
  private final RandomGenerator random;

  /**
   * @param jitter the greatest deviation from a delay, as a fraction of it, 0 to 1
   */
  public RetrySchedule(List<Duration> delays, double jitter, RandomGenerator random) {
    this.delays = List.copyOf(delays);
    this.jitter = jitter;
    this.random = random;
  }

  /**
   * The delay before the next attempt.
   *
   * @param attempts failed so far, at least 1
   * @param own the schedule of the webhook; null: it has none
   * @return empty when the schedule is spent
   */
  public Optional<Duration> delayAfter(int attempts, List<Duration> own) {
    List<Duration> scheduled = own == null ? delays : own;
    if (attempts > scheduled.size()) {
      return Optional.empty();
    }
    double factor = 1 + jitter * (2 * random.nextDouble() - 1);
    return Optional.of(
        Duration.ofMillis(Math.round(scheduled.get(attempts - 1).toMillis() * factor)));
  }
}
