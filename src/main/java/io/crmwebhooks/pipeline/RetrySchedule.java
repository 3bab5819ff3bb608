package io.crmwebhooks.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a delivery is tried again: a delay after each failed attempt, with jitter, and no sooner
 * than its receiver asks for. Thread-safe.
 */
public final class RetrySchedule {
  private static final int MOST_DIGITS = 9;

  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.US),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US)
              .withZone(ZoneOffset.UTC));

  private final List<Duration> delays;
  private final Jitter jitter;
  private final Duration longestAsked;

  /**
   * @param longestAsked the longest that a receiver may ask for
   */
  public RetrySchedule(List<Duration> delays, Jitter jitter, Duration longestAsked) {
    this.delays = List.copyOf(delays);
    this.jitter = jitter;
    this.longestAsked = longestAsked;
  }

  /**
   * The delay before the next attempt.
   *
   * @param attempts failed so far, at least 1
   * @param own the schedule of the webhook; null: it has none
   * @param asked the least that the receiver asks for
   * @return empty when the schedule is spent
   */
  Optional<Duration> delayAfter(int attempts, List<Duration> own, Duration asked) {
    List<Duration> scheduled = own == null ? delays : own;
    if (attempts > scheduled.size()) {
      return Optional.empty();
    }
    Duration delay = jitter.around(scheduled.get(attempts - 1).toMillis());
    return Optional.of(delay.compareTo(asked) < 0 ? asked : delay);
  }

  /**
   * How long a receiver asks to be left alone: the header {@code Retry-After}, in seconds or as a
   * date.
   *
   * <p>Source: RFC 9110, section 10.2.3; its dates, old forms too, are in section 5.6.7.
   *
   * @param retryAfter null: there is none
   * @return zero where there is nothing to heed, or it cannot be read
   */
  Duration asked(String retryAfter, Instant now) {
    if (retryAfter == null) {
      return Duration.ZERO;
    }
    String value = retryAfter.trim();
    if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return value.length() > MOST_DIGITS
          ? longestAsked
          : bounded(Duration.ofSeconds(Long.parseLong(value)));
    }
    return DATES.stream()
        .flatMap(form -> date(value, form).stream())
        .findFirst()
        .map(date -> bounded(Duration.between(now, date)))
        .orElse(Duration.ZERO);
  }

  private static Optional<Instant> date(String value, DateTimeFormatter form) {
    try {
      return Optional.of(form.parse(value, Instant::from));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private Duration bounded(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(longestAsked) > 0 ? longestAsked : wait;
  }

  /**
   * Draws a delay evenly from around the intended one, for retries of deliveries and pauses of
   * endpoints. So those that failed together do not come back together. Thread-safe if the
   * generator is.
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
}
