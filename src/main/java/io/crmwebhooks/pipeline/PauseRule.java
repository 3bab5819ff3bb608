package io.crmwebhooks.pipeline;

import io.crmwebhooks.pipeline.RetrySchedule.Jitter;
import java.time.Duration;

/**
 * Decides when an endpoint is paused, and for how long: after so many failures in a row, and each
 * time twice as long. Thread-safe.
 *
 * @param failures in a row that pause it; 0: nothing does
 * @param first how long the first pause is
 * @param longest how long a pause is at most, unless the receiver asks for more
 * @param disableAfter how long it may fail without one success
 * @param jitter of the lengths
 */
public record PauseRule(
    int failures, Duration first, Duration longest, Duration disableAfter, Jitter jitter) {

  /** Nothing is ever paused. */
  public static final PauseRule NEVER =
      new PauseRule(0, Duration.ZERO, Duration.ZERO, Duration.ofDays(1), Jitter.NONE);

  private static final int MOST_DOUBLINGS = 30;

  /**
   * The weight of a failure: it counts twice when the whole endpoint seems to be overloaded or
   * away.
   *
   * @param status of the answer; null: there was none
   */
  static int weight(Integer status) {
    return isOfTheEndpoint(status) ? 2 : 1;
  }

  /**
   * Whether a failure says something of the endpoint rather than of the delivery.
   *
   * <p>Source: Standard Webhooks 1.0, on 429, 502, 503 and 504.
   */
  static boolean isOfTheEndpoint(Integer status) {
    return status == null || status == 429 || (status >= 502 && status <= 504);
  }

  /** Whether so many failures in a row, by their weights, are too many. */
  boolean isReached(int failuresInARow) {
    return failures > 0 && failuresInARow >= failures;
  }

  /**
   * How long the next pause is.
   *
   * @param before pauses one after the other so far
   * @param asked the shortest pause that the receiver asks for
   */
  Duration length(int before, Duration asked) {
    double doubled = first.toMillis() * Math.pow(2, Math.min(before, MOST_DOUBLINGS));
    Duration length = jitter.around(Math.min(doubled, longest.toMillis()));
    return length.compareTo(asked) < 0 ? asked : length;
  }
}
