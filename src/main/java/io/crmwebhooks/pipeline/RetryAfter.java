package io.crmwebhooks.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How long a receiver asks to be left alone: the header {@code Retry-After}, in seconds or as a
 * date. What cannot be read counts as not there. Immutable.
 *
 * <p>Source: RFC 9110, section 10.2.3; its dates, old forms too, are in section 5.6.7.
 */
public final class RetryAfter {
  private static final int MOST_DIGITS = 9;

  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.US),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US)
              .withZone(ZoneOffset.UTC));

  private final Duration limit;

  /**
   * @param limit the longest that is heeded
   */
  public RetryAfter(Duration limit) {
    this.limit = limit;
  }

  /**
   * Reads the header.
   *
   * @param header null: there is none
   * @return zero or longer, the limit at most; empty when there is nothing to heed
   */
  public Optional<Duration> read(String header, Instant now) {
    if (header == null) {
      return Optional.empty();
    }
    String value = header.trim();
    if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.of(
          value.length() > MOST_DIGITS
              ? limit
              : bounded(Duration.ofSeconds(Long.parseLong(value))));
    }
    return DATES.stream()
        .flatMap(form -> date(value, form).stream())
        .findFirst()
        .map(date -> bounded(Duration.between(now, date)));
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
    return wait.compareTo(limit) > 0 ? limit : wait;
  }
}
