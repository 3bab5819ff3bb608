package io.crmwebhooks.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** JSON as the API reads and writes it: strict in what it takes, numbers with all their digits. */
public final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
              DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  // JSON that this program wrote may hold a record, in which PostgreSQL allows a key twice.
  private static final ObjectMapper TRUSTING =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  private Json() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  public static byte[] bytes(JsonNode json) {
    try {
      return MAPPER.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads what this program or PostgreSQL has written. */
  public static JsonNode trusted(String json) {
    try {
      return TRUSTING.readTree(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads the object that a caller has sent. Its texts are such as PostgreSQL keeps: JSON can also
   * hold halves of characters, which would silently become question marks, and NUL.
   *
   * @throws Problem 400 saying where it is no JSON, or naming every field that holds something else
   */
  static ObjectNode untrusted(byte[] json) {
    try {
      if (!(MAPPER.readTree(json) instanceof ObjectNode object)) {
        throw Problem.of(400, "the body must be a JSON object");
      }
      requireWholeTexts(object);
      return object;
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " at line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      throw Problem.of(400, "the body is not valid JSON" + where);
    } catch (IOException | NumberFormatException e) { // a number can be too large to be held
      throw Problem.of(400, "the body is not valid JSON");
    }
  }

  private static void requireWholeTexts(ObjectNode body) {
    List<Problem.FieldError> errors = new ArrayList<>();
    body.properties()
        .forEach(
            field -> {
              problemOf(field.getKey())
                  .ifPresent(
                      problem -> {
                        throw Problem.of(400, "the name of a field " + problem);
                      });
              problemIn(field.getValue())
                  .ifPresent(
                      problem -> errors.add(new Problem.FieldError(field.getKey(), problem)));
            });
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
  }

  /** Loops rather than streams: a body may be a thousand levels deep, and each takes stack. */
  private static Optional<String> problemIn(JsonNode value) {
    if (value.isTextual()) {
      return problemOf(value.textValue());
    }
    Optional<String> problem = Optional.empty();
    for (var names = value.fieldNames(); problem.isEmpty() && names.hasNext(); ) {
      problem = problemOf(names.next());
    }
    for (var values = value.elements(); problem.isEmpty() && values.hasNext(); ) {
      problem = problemIn(values.next());
    }
    return problem;
  }

  private static Optional<String> problemOf(String text) {
    if (text.indexOf('\0') >= 0) {
      return Optional.of("must not hold a NUL");
    }
    return text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)
        ? Optional.of("must not hold half of a character (a lone surrogate)")
        : Optional.empty();
  }
}
