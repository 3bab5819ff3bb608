package io.crmwebhooks.domain;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * The limits for the deliveries of one webhook.
 *
 * @param concurrency attempts in flight at once from each process, at least 1
 * @param rateLimit attempts a second, from all processes together; null: as many as it takes
 * @param timeout the total deadline of an attempt; null: as in the settings
 * @param retrySchedule the delays after each failed attempt; null: as in the settings
 */
public record Limits(
    int concurrency,
    Double rateLimit,
    Duration timeout,
    List<Duration> retrySchedule,
    Batching batching) {

  private static final int MOST_DELAYS = 50;
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  /**
   * How many deliveries go out in one POST.
   *
   * @param size the most; 1: each has its own
   * @param patience how long the first of too few waits for more; null: those at hand go at once
   * @param gzip whether bodies are compressed
   */
  public record Batching(int size, Duration patience, boolean gzip) {
    public static final Batching NONE = new Batching(1, null, false);

    /** As the columns of a subscription have it. */
    public static Batching of(int size, String wait, String compress) {
      return new Batching(size, read(wait, Durations::parse), "gzip".equals(compress));
    }

    /** Whether a POST has an array of events. */
    public boolean isArray() {
      return size > 1;
    }
  }

  /** As the columns of a subscription have them. */
  public static Limits of(
      int concurrency, Double rateLimit, String timeout, String retrySchedule, Batching batching) {
    return new Limits(
        concurrency,
        rateLimit,
        read(timeout, Durations::parse),
        read(retrySchedule, text -> text.isEmpty() ? List.of() : Durations.parseList(text)),
        batching);
  }

  /**
   * Checks a deadline that somebody sets, and gives it back as it is to be kept.
   *
   * @param lease how long a delivery may be silent before it is sent again
   * @throws IllegalArgumentException with what it must be
   */
  public static String checkedTimeout(String timeout, Duration lease) {
    if (Durations.parse(timeout).compareTo(lease) >= 0) {
      throw new IllegalArgumentException(
          "must be shorter than webhooks.delivery.lease, " + lease.toMillis() + "ms");
    }
    return timeout;
  }

  /** As {@link #checkedTimeout}, of delays separated by commas; empty: one attempt only. */
  public static String checkedSchedule(String schedule) {
    String kept = schedule.replace(" ", "");
    if (!kept.isEmpty() && Durations.parseList(kept).size() > MOST_DELAYS) {
      throw new IllegalArgumentException("must have at most " + MOST_DELAYS + " delays");
    }
    return kept;
  }

  /**
   * The total deadline of an attempt.
   *
   * @param otherwise where the webhook has none of its own
   * @param longest whatever the webhook says
   */
  public Duration deadline(Duration otherwise, Duration longest) {
    return timeout == null ? otherwise : timeout.compareTo(longest) > 0 ? longest : timeout;
  }

  /** As {@link #checkedTimeout}, of how long a batch waits for more. */
  public static String checkedWait(String wait) {
    if (Durations.parse(wait).compareTo(LONGEST_WAIT) > 0) {
      throw new IllegalArgumentException("must be at most 1h");
    }
    return wait;
  }

  /** A value that was stored past these checks and cannot be read counts as not set. */
  private static <T> T read(String stored, Function<String, T> parse) {
    try {
      return stored == null ? null : parse.apply(stored);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
