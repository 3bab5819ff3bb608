package io.crmwebhooks.admin;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * The query parameters of a request. What is wrong with them is collected, and {@link #check}
 * refuses all of it at once. Used by one thread.
 */
public final class Query {
  /** PostgreSQL reads other years in forms of its own only. */
  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  private final Map<String, String> values = new LinkedHashMap<>();
  private final List<Problem.FieldError> errors;

  private Query(List<Problem.FieldError> errors) {
    this.errors = errors;
  }

  /**
   * @param raw what stands behind the question mark, or null
   * @param allowed names; any other is an error
   * @throws Problem 400 when it cannot be read, or there is something where nothing is allowed
   */
  public static Query parse(String raw, List<String> allowed) {
    Query query = new Query(new ArrayList<>());
    if (raw == null || raw.isEmpty()) {
      return query;
    }
    Map<String, List<String>> given;
    try {
      given = new QueryStringDecoder(raw, false).parameters();
    } catch (IllegalArgumentException e) {
      throw Problem.of(400, "the query cannot be read: " + e.getMessage());
    }
    given.forEach(
        (name, all) -> {
          if (!allowed.contains(name)) {
            query.error(name, "is not a parameter of this operation");
          } else if (all.size() > 1) {
            query.error(name, "is given more than once");
          } else if (all.get(0).indexOf('\0') >= 0) {
            query.error(name, "must not hold a NUL");
          } else if (!all.get(0).isEmpty()) {
            query.values.put(name, all.get(0));
          }
        });
    if (allowed.isEmpty()) {
      query.check(); // since nobody asks for a value, nobody else does
    }
    return query;
  }

  /**
   * From values that are no query's.
   *
   * @param errors where what is wrong with them is collected
   */
  static Query of(Map<String, String> values, List<Problem.FieldError> errors) {
    Query query = new Query(errors);
    query.values.putAll(values);
    return query;
  }

  public void error(String name, String message) {
    errors.add(new Problem.FieldError(name, message));
  }

  /** The value as it is, or null. An empty value is taken for none. */
  public String text(String name) {
    return values.get(name);
  }

  /**
   * The value as {@code reader} reads it, or null when there is none or it is wrong.
   *
   * @param reader throws {@link IllegalArgumentException} with what it expects
   */
  public <T> T read(String name, Function<String, T> reader) {
    String value = values.get(name);
    if (value == null) {
      return null;
    }
    try {
      return reader.apply(value);
    } catch (IllegalArgumentException e) {
      error(name, e.getMessage());
      return null;
    }
  }

  public UUID uuid(String name) {
    return read(
        name,
        value -> {
          try {
            return UUID.fromString(value);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must be a UUID");
          }
        });
  }

  /** A time with a zone, such as {@code 2025-02-10T15:30:50Z}. */
  public Instant instant(String name) {
    return read(
        name,
        value -> {
          try {
            Instant time = OffsetDateTime.parse(value).toInstant();
            if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
              throw new IllegalArgumentException("must be from year 1 to 9999");
            }
            return time;
          } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                "must be a time with a zone, such as 2025-02-10T15:30:50Z");
          }
        });
  }

  public int integer(String name, int least, int most, int otherwise) {
    Integer number =
        read(
            name,
            value -> {
              try {
                int parsed = Integer.parseInt(value);
                if (parsed >= least && parsed <= most) {
                  return parsed;
                }
              } catch (NumberFormatException e) {
                // said below, with the range
              }
              throw new IllegalArgumentException(
                  "must be a whole number from " + least + " to " + most);
            });
    return number == null ? otherwise : number;
  }

  public String oneOf(String name, List<String> allowed) {
    return read(
        name,
        value -> {
          if (!allowed.contains(value)) {
            throw new IllegalArgumentException("must be one of " + String.join(", ", allowed));
          }
          return value;
        });
  }

  /**
   * @throws Problem 400 naming every parameter that is wrong
   */
  public void check() {
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
  }
}
