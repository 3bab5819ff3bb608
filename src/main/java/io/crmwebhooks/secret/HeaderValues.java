package io.crmwebhooks.secret;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * The column {@code headers} of a webhook: a JSON object whose values are secrets, each sealed for
 * itself, and whose names are none. A value that is empty, or that could not be sent because it is
 * no text, number or truth value, stays as it is.
 */
final class HeaderValues {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES) // 1.50 is sent so
          .build();

  private HeaderValues() {}

  /**
   * The same headers with other values.
   *
   * @param change makes of a name and a value another one
   */
  static String changed(String json, BinaryOperator<String> change) {
    ObjectNode headers = read(json);
    for (Map.Entry<String, JsonNode> header : headers.properties()) {
      if (isSecret(header.getValue())) {
        headers.put(header.getKey(), change.apply(header.getKey(), header.getValue().asText()));
      }
    }
    return headers.toString();
  }

  /** All values that are, or are to be, sealed. */
  static List<String> of(String json) {
    List<String> values = new ArrayList<>();
    for (JsonNode value : read(json)) {
      if (isSecret(value)) {
        values.add(value.asText());
      }
    }
    return values;
  }

  private static boolean isSecret(JsonNode value) {
    return value.isValueNode() && !value.isNull() && !value.asText().isEmpty();
  }

  private static ObjectNode read(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (JsonProcessingException e) { // without it as a cause, since it holds the text
      throw new IllegalStateException("PostgreSQL keeps headers as a JSON object only");
    }
  }
}
