package io.crmwebhooks.database;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one way from a {@code timestamptz} to what is sent and shown. It reads the text that
 * PostgreSQL writes, since the driver's own types shift days before 1582 and fail on some before
 * Christ. It writes ISO 8601 in UTC, to the millisecond. Years outside of 0000 to 9999 have a sign
 * and six digits, as in ECMAScript; 1 BC is 0000. The infinities become the first and last time
 * that PostgreSQL knows, so that a time is always a time.
 */
public final class DatabaseTime {
  /** The first that PostgreSQL knows: 24 November 4714 BC by the calendar of today. */
  public static final Instant FIRST = Instant.parse("-4713-11-24T00:00:00Z");

  /** The last that it knows. */
  public static final Instant LAST = Instant.parse("+294276-12-31T23:59:59.999999Z");

  private static final Pattern TEXT =
      Pattern.compile(
          "(\\d{4,6})-(\\d\\d)-(\\d\\d)[ T](\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,9}))?(Z|[+-]\\d\\d(?::\\d\\d(?::\\d\\d)?)?)( BC)?");

  private static final DateTimeFormatter PARTS =
      DateTimeFormatter.ofPattern("MM-dd HH:mm:ss.SSSSSS'+00'");

  private static final int YEAR_DIGITS = 6;

  private DatabaseTime() {}

  /**
   * Reads what PostgreSQL writes in its ISO style, with or without a T, in the zone of whatever
   * session.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static Instant parse(String text) {
    if (text.equals("infinity")) {
      return LAST;
    }
    if (text.equals("-infinity")) {
      return FIRST;
    }
    Matcher time = TEXT.matcher(text);
    if (!time.matches()) {
      throw new IllegalArgumentException("not a time as PostgreSQL writes it: " + text);
    }
    int year = number(time, 1);
    return OffsetDateTime.of(
            time.group(9) == null ? year : 1 - year,
            number(time, 2),
            number(time, 3),
            number(time, 4),
            number(time, 5),
            number(time, 6),
            time.group(7) == null
                ? 0
                : Integer.parseInt((time.group(7) + "00000000").substring(0, 9)),
            ZoneOffset.of(time.group(8)))
        .toInstant();
  }

  private static int number(Matcher time, int group) {
    return Integer.parseInt(time.group(group));
  }

  /** As PostgreSQL reads it; an infinity where it knows no such time. */
  static String literal(Instant time) {
    if (time.isBefore(FIRST) || time.isAfter(LAST)) {
      return time.isBefore(FIRST) ? "-infinity" : "infinity";
    }
    OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
    int year = utc.getYear();
    return "%04d-%s%s"
        .formatted(year > 0 ? year : 1 - year, PARTS.format(utc), year > 0 ? "" : " BC");
  }

  /** As it is sent and shown. */
  public static String iso(Instant time) {
    String text = DateTimeFormatter.ISO_INSTANT.format(time.truncatedTo(ChronoUnit.MILLIS));
    if (Character.isDigit(text.charAt(0))) {
      return text;
    }
    int digits = text.indexOf('-', 1) - 1;
    return text.charAt(0) + "0".repeat(Math.max(0, YEAR_DIGITS - digits)) + text.substring(1);
  }
}
