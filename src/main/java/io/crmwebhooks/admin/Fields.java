package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The fields of a JSON body. What is wrong with them is collected, and {@link #check} refuses all
 * of it at once. Used by one thread.
 */
public final class Fields {
  private final ObjectNode body;
  private final List<Problem.FieldError> errors = new ArrayList<>();

  /**
   * @param allowed names; any other is an error
   */
  public Fields(ObjectNode body, Collection<String> allowed) {
    this.body = body;
    body.fieldNames()
        .forEachRemaining(
            name -> {
              if (!allowed.contains(name)) {
                error(name, "is not a field that can be set here");
              }
            });
  }

  public void error(String name, String message) {
    errors.add(new Problem.FieldError(name, message));
  }

  public boolean has(String name) {
    return body.has(name);
  }

  /**
   * The field as {@code reader} reads it, or null when it is missing, null or wrong.
   *
   * @param reader throws {@link IllegalArgumentException} with what it expects
   */
  public <T> T read(String name, Function<JsonNode, T> reader) {
    JsonNode value = body.get(name);
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
  public <T> T require(String name, Function<JsonNode, T> reader) {
    if (!body.hasNonNull(name)) {
      error(name, "is missing");
      return null;
    }
    return read(name, reader);
  }

  /**
   * Fields that are texts, to be read as query parameters are: a filter is the same in a body and
   * in a query. What is wrong with them is wrong with these fields.
   */
  public Query asQuery(String... names) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : names) {
      String value = read(name, text(1000));
      if (value != null) {
        values.put(name, value);
      }
    }
    return Query.of(values, errors);
  }

  /** Reads a text. */
  public static Function<JsonNode, String> text(int longest) {
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

  /**
   * @throws Problem 400 naming every field that is wrong
   */
  public void check() {
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
  }
}
