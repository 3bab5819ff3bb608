package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * The fields of a JSON body, or the parameters of a query, which are texts. Their errors are
 * collected, and {@link #check} refuses all of them at once. A field that is missing, null or wrong
 * is read as null. Used by one thread.
 */
public final class Fields {
  /** PostgreSQL reads other years in forms of its own only. */
  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");
  private static final int LONGEST = 10_000;

  private final ObjectNode given;
  private final List<Problem.FieldError> errors = new ArrayList<>();

  private Fields(ObjectNode given) {
    this.given = given;
  }

  /**
   * @param allowed names; any other is an error
   */
  static Fields ofBody(ObjectNode body, Collection<String> allowed) {
    Fields fields = new Fields(body);
    body.fieldNames()
        .forEachRemaining(
            name -> {
              if (!allowed.contains(name)) {
                fields.error(name, "is not a field that can be set here");
              }
            });
    return fields;
  }

  /**
   * @param raw the text behind the question mark, or null; an empty value is taken for none
   * @param allowed names; any other is an error
   * @throws Problem 400 when it cannot be read, or there is something where nothing is allowed
   */
  static Fields ofQuery(String raw, Collection<String> allowed) {
    Fields fields = new Fields(Json.object());
    if (raw == null || raw.isEmpty()) {
      return fields;
    }
    Map<String, List<String>> parameters;
    try {
      parameters = new QueryStringDecoder(raw, false).parameters();
    } catch (IllegalArgumentException e) {
      throw Problem.of(400, "the query cannot be read: " + e.getMessage());
    }
    parameters.forEach(
        (name, all) -> {
          if (!allowed.contains(name)) {
            fields.error(name, "is not a parameter of this operation");
          } else if (all.size() > 1) {
            fields.error(name, "is given more than once");
          } else if (all.get(0).indexOf('\0') >= 0) {
            fields.error(name, "must not hold a NUL");
          } else if (!all.get(0).isEmpty()) {
            fields.given.put(name, all.get(0));
          }
        });
    if (allowed.isEmpty()) {
      fields.check(); // since nobody asks for a value, nobody else does
    }
    return fields;
  }

  void error(String name, String message) {
    Problem.FieldError error = new Problem.FieldError(name, message);
    if (!errors.contains(error)) { // a field may be read twice
      errors.add(error);
    }
  }

  /** The errors so far. */
  List<Problem.FieldError> errors() {
    return errors;
  }

  /**
   * The field as {@code reader} reads it.
   *
   * @param reader throws {@link IllegalArgumentException} with what it expects
   */
  <T> T read(String name, Function<JsonNode, T> reader) {
    JsonNode value = given.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    try {
      return reader.apply(value);
    } catch (IllegalArgumentException e) {
      error(name, e.getMessage());
      return null;
    }
  }

  /** As {@link #read}; missing or null is wrong too. */
  <T> T require(String name, Function<JsonNode, T> reader) {
    if (!has(name)) {
      error(name, "is missing");
      return null;
    }
    return read(name, reader);
  }

  /** Whether it is given, whatever its value, and not null. */
  boolean has(String name) {
    return given.hasNonNull(name);
  }

  String text(String name) {
    return read(name, text(LONGEST));
  }

  /** As {@link #read}, of what is given as a text. */
  <T> T parse(String name, Function<String, T> parser) {
    return read(name, text(LONGEST).andThen(parser));
  }

  UUID uuid(String name) {
    return parse(name, orElse("must be a UUID", UUID::fromString));
  }

  /** A time with a zone, such as {@code 2025-02-10T15:30:50Z}. */
  Instant instant(String name) {
    return parse(
        name,
        value -> {
          Instant time =
              orElse(
                      "must be a time with a zone, such as 2025-02-10T15:30:50Z",
                      (String text) -> OffsetDateTime.parse(text).toInstant())
                  .apply(value);
          if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
            throw new IllegalArgumentException("must be from year 1 to 9999");
          }
          return time;
        });
  }

  /** A parameter of a query that is a number. */
  int integer(String name, int least, int most, int otherwise) {
    String expected = "must be a whole number from " + least + " to " + most;
    Integer number = parse(name, orElse(expected, Integer::valueOf));
    if (number != null && (number < least || number > most)) {
      error(name, expected);
    }
    return number == null ? otherwise : number;
  }

  /** Says what is expected, whatever goes wrong. */
  static <T> Function<String, T> orElse(String expected, Function<String, T> parser) {
    return value -> {
      try {
        return parser.apply(value);
      } catch (IllegalArgumentException | DateTimeException e) {
        throw new IllegalArgumentException(expected, e);
      }
    };
  }

  /** Reads a text. */
  static Function<JsonNode, String> text(int longest) {
    return value -> {
      if (!value.isTextual()) {
        throw new IllegalArgumentException("must be a text");
      }
      if (value.textValue().length() > longest) {
        throw new IllegalArgumentException("must not be longer than " + longest + " characters");
      }
      return value.textValue();
    };
  }

  /** Reads {@code true} or {@code false}. */
  static boolean yesOrNo(JsonNode value) {
    if (!value.isBoolean()) {
      throw new IllegalArgumentException("must be true or false");
    }
    return value.booleanValue();
  }

  /** Whether a field is {@code true}. */
  boolean isTrue(String name) {
    return Boolean.TRUE.equals(read(name, Fields::yesOrNo));
  }

  /** Reads a text that is one of these. */
  static Function<JsonNode, String> oneOf(List<String> allowed) {
    return value -> {
      if (!value.isTextual() || !allowed.contains(value.textValue())) {
        throw new IllegalArgumentException("must be one of " + String.join(", ", allowed));
      }
      return value.textValue();
    };
  }

  /** Reads an array of 1 to {@code most} elements. */
  static <T> Function<JsonNode, List<T>> list(
      int most, String elements, Function<JsonNode, T> reader) {
    return value -> {
      if (!value.isArray() || value.isEmpty() || value.size() > most) {
        throw new IllegalArgumentException("must be an array of 1 to " + most + " " + elements);
      }
      List<T> read = new ArrayList<>();
      value.forEach(element -> read.add(reader.apply(element)));
      return read;
    };
  }

  /**
   * @throws Problem 400 naming every field that is wrong
   */
  void check() {
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
  }
}
