package io.crmwebhooks.secret;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.http.ClientCredentials;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * The columns of a webhook with a JSON object in which values are secrets, each sealed for itself;
 * their names are none. A value that is empty, or that could not be sent because it is no text,
 * number or truth value, stays as it is.
 */
public enum SecretColumn {
  /** Its own headers: all values are secrets. */
  HEADERS("headers", SealedSecret::header),

  /** With what it asks for access tokens: one value is secret. */
  OAUTH2(
      "oauth2", name -> name.equals(ClientCredentials.SECRET) ? SealedSecret.CLIENT_SECRET : null);

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES) // 1.50 is sent so
          .build();

  private final String column;
  private final UnaryOperator<String> kind;

  /**
   * @param kind what a value is sealed as, by its name; null: it is no secret
   */
  SecretColumn(String column, UnaryOperator<String> kind) {
    this.column = column;
    this.kind = kind;
  }

  /** Its name in the table. */
  public String column() {
    return column;
  }

  /** Whether a column of the table is one of these. */
  public static boolean isOne(String column) {
    for (SecretColumn each : values()) {
      if (each.column.equals(column)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The same object with other secrets.
   *
   * @param json null: there is none, and so there is none then
   * @param change makes of what a secret is, and of its value, another value
   */
  String changed(String json, BinaryOperator<String> change) {
    if (json == null) {
      return null;
    }
    ObjectNode object = read(json);
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String is = kind.apply(field.getKey());
      if (is != null && isSecret(field.getValue())) {
        object.put(field.getKey(), change.apply(is, field.getValue().asText()));
      }
    }
    return object.toString();
  }

  private static boolean isSecret(JsonNode value) {
    return value.isValueNode() && !value.isNull() && !value.asText().isEmpty();
  }

  private static ObjectNode read(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (JsonProcessingException e) { // without it as a cause, since it holds the text
      throw new IllegalStateException("PostgreSQL keeps headers and oauth2 as JSON objects only");
    }
  }
}
