package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.secret.SecretColumn;
import java.util.Map;

/**
 * The fields in which a webhook is not as a file has it. Of what is secret it says that it differs,
 * and no value. Used by one thread.
 */
final class WebhookDifference {
  private final ObjectNode before;
  private final ObjectNode columns = Json.object();
  private final ArrayNode fields = Json.array();

  /**
   * @param before the webhook as it is shown; an empty object for a new one
   */
  WebhookDifference(ObjectNode before) {
    this.before = before;
  }

  /**
   * Compares the fields that are shown.
   *
   * @param wanted values by column
   * @param names the columns by the names of their fields
   */
  WebhookDifference with(ObjectNode wanted, Map<String, String> names) {
    names.forEach(
        (name, column) -> {
          JsonNode value = wanted.get(column);
          if (value != null && !SecretColumn.isOne(column)) {
            compare(name, column, value);
          }
        });
    return this;
  }

  /** Compares one field that is shown. */
  void compare(String name, String column, JsonNode wanted) {
    JsonNode now = before.path(name);
    if (!isSame(wanted, now)) {
      columns.set(column, wanted);
      ObjectNode field = fields.addObject().put("field", name);
      field.set("from", now.isMissingNode() ? null : now);
      field.set("to", wanted);
    }
  }

  /** A secret differs that is written to a column of its own, or elsewhere. */
  void secret(String name) {
    fields.addObject().put("field", name);
  }

  /** As {@link #secret(String)}, with what is to be written. */
  void secret(String name, String column, JsonNode wanted) {
    secret(name);
    columns.set(column, wanted);
  }

  /**
   * As {@link #secret(String, String, JsonNode)}, where a part is shown and may differ, too.
   *
   * @param shown what of it is shown
   */
  void partly(String name, String column, JsonNode wanted, JsonNode shown) {
    if (isSame(shown, before.path(name))) {
      secret(name);
    } else {
      compare(name, column, shown);
    }
    columns.set(column, wanted);
  }

  boolean isEmpty() {
    return fields.isEmpty();
  }

  /** The values to write, by column. */
  ObjectNode columns() {
    return columns;
  }

  /** For the answer: each field with its value before and after. */
  ArrayNode fields() {
    return fields;
  }

  /** Whether two values are the same; a rate of 5 is one of 5.0. */
  static boolean isSame(JsonNode one, JsonNode other) {
    return one.equals(WebhookDifference::unlike, other);
  }

  private static int unlike(JsonNode one, JsonNode other) {
    boolean same =
        one.isNumber() && other.isNumber()
            ? one.decimalValue().compareTo(other.decimalValue()) == 0
            : one.equals(other);
    return same ? 0 : 1;
  }
}
