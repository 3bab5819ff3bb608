package io.crmwebhooks.cli;

import io.crmwebhooks.cli.AdminApi.Request;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * A time that is easy to type: an age ({@code 90m}, {@code 2h}, {@code 3d}), a date (its midnight
 * in UTC), or a time with a zone.
 */
final class PastTime implements ITypeConverter<Instant> {
  /** For descriptions of options. */
  static final String FORMS =
      "how long ago (90m, 2h, 3d), a date (midnight UTC), or a time such as 2025-02-10T15:30:00Z";

  @Override
  public Instant convert(String value) {
    return parse(value, Instant.now());
  }

  static Instant parse(String value, Instant now) {
    Optional<Duration> ago = Span.parse(value);
    try {
      if (ago.isPresent()) {
        return now.minus(ago.get());
      }
      return value.contains("T")
          ? OffsetDateTime.parse(value).toInstant()
          : LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw new TypeConversionException("'" + value + "' is no time; write " + FORMS);
    }
  }

  /** Options that say from when on changes are meant, and until when. */
  static final class Range {
    @Option(
        names = "--since",
        converter = PastTime.class,
        description = "Only changes made from then on: " + FORMS + ". Default: all.")
    private Instant since;

    @Option(
        names = "--until",
        converter = PastTime.class,
        description = "Only changes made before, in the same forms. Default: all.")
    private Instant until;

    Request on(Request request) {
      return request.with("since", since).with("until", until);
    }
  }

  /** A time span as it is easily typed: {@code 30s}, {@code 90m}, {@code 2h}, {@code 3d}. */
  static final class Span implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})([smhd])");

    @Override
    public Duration convert(String value) {
      return parse(value)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "'" + value + "' is no time span; write such as 30s, 5m or 2h"));
    }

    static Optional<Duration> parse(String value) {
      Matcher form = FORM.matcher(value);
      if (!form.matches()) {
        return Optional.empty();
      }
      String iso = form.group(2).equals("d") ? "P%sd" : "PT%s" + form.group(2);
      return Optional.of(Duration.parse(iso.formatted(form.group(1))));
    }
  }
}
