package io.crmwebhooks.redeliver;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * How long a receiver asks to be left alone: the header {@code Retry-After}, in seconds or as a
 * date. What cannot be read counts as not there. Immutable.
 *
 * <p>Source: RFC 9110, section 10.2.3.
 */
public final class RetryAfter {
  private static final int MOST_DIGITS = 9;

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
    try {
      Instant date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(bounded(Duration.between(now, date)));
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
