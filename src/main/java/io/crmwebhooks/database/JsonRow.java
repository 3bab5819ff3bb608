package io.crmwebhooks.database;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;

/**
 * A row of a result as JSON: numbers as numbers, times as {@link DatabaseTime} writes them, arrays
 * of texts as deep as PostgreSQL nests them. Select JSON from a CRM as text: it may be larger,
 * deeper and more exact than any tree.
 */
final class JsonRow {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private JsonRow() {}

  static ObjectNode of(ResultSet row) throws SQLException {
    ObjectNode json = NODES.objectNode();
    ResultSetMetaData columns = row.getMetaData();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      json.set(columns.getColumnLabel(i), value(row, i, columns.getColumnTypeName(i)));
    }
    return json;
  }

  private static JsonNode value(ResultSet row, int column, String type) throws SQLException {
    if (type.equals("timestamptz")) {
      String time = row.getString(column);
      return time == null
          ? NODES.nullNode()
          : NODES.textNode(DatabaseTime.iso(DatabaseTime.parse(time)));
    }
    Object value = row.getObject(column);
    if (value == null) {
      return NODES.nullNode();
    }
    return switch (type) {
      case "json", "jsonb" -> parse(row.getString(column));
      case "_text" -> texts((Object[]) row.getArray(column).getArray());
      default -> plain(value);
    };
  }

  private static JsonNode plain(Object value) {
    if (value instanceof Boolean yesOrNo) {
      return NODES.booleanNode(yesOrNo);
    }
    if (value instanceof Integer || value instanceof Long) {
      return NODES.numberNode(((Number) value).longValue());
    }
    if (value instanceof BigDecimal number) {
      return NODES.numberNode(number);
    }
    if (value instanceof Number number) { // an infinite numeric, too
      return NODES.numberNode(number.doubleValue());
    }
    return NODES.textNode(value.toString());
  }

  private static ArrayNode texts(Object[] array) {
    ArrayNode texts = NODES.arrayNode();
    for (Object part : array) {
      if (part instanceof Object[] inner) {
        texts.add(texts(inner));
      } else {
        texts.add((String) part);
      }
    }
    return texts;
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("PostgreSQL wrote JSON that is none", e);
    }
  }
}
