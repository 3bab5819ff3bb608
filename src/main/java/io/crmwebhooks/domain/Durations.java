package io.crmwebhooks.domain;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Durations as people write them, in the settings and for a webhook: a number with a unit, such as
 * 15s.
 */
public final class Durations {
  /** Eleven digits hold a year of milliseconds, and as days still fit a long. */
  private static final Pattern DURATION = Pattern.compile("(\\d{1,11})(ms|s|m|h|d)");

  private Durations() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException with what it expects
   */
  public static Duration parse(String value) {
    var matcher = DURATION.matcher(value);
    if (matcher.matches()) {
      long amount = Long.parseLong(matcher.group(1));
      Duration duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
          };
      if (duration.toMillis() >= 1 && duration.toDays() <= 366) {
        return duration;
      }
    }
    throw new IllegalArgumentException(
        "must be a number with a unit (ms, s, m, h, d) from 1ms to 366d, such as 15s");
  }

  /**
   * Reads several, separated by commas.
   *
   * @throws IllegalArgumentException with what it expects of each
   */
  public static List<Duration> parseList(String value) {
    return Arrays.stream(value.split(",", -1)).map(String::trim).map(Durations::parse).toList();
  }
}
