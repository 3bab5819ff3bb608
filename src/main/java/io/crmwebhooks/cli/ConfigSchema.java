package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The content of a file of webhooks, as the contract of the API says it: each field of a webhook
 * that can be set there can be set in a file. So a new field needs no line here. Immutable.
 */
final class ConfigSchema {
  /** How the contract marks a text that is shown to nobody. */
  private static final String SECRET = "password";

  /** A secret stands in a file as the place where to find it; an empty one is none. */
  private static final String REFERENCE = "^$|^(env|file):.+$";

  private static final String NAME = "^[A-Za-z0-9][A-Za-z0-9._-]*$";

  /** Words of OpenAPI, or of this machine's settings, that a JSON Schema has not. */
  private static final Set<String> FOREIGN = Set.of("nullable", "x-setting", "format");

  private final JsonNode contract;
  private final Map<String, JsonNode> fields = new LinkedHashMap<>();

  /**
   * @param contract {@code openapi.json}
   */
  ConfigSchema(JsonNode contract) {
    this.contract = contract;
    contract
        .at("/components/schemas/WebhookChanges/properties")
        .properties()
        .forEach(
            field -> {
              JsonNode schema = resolved(field.getValue());
              if (!schema.path("description").asText().equals("Ignored.")) {
                fields.put(field.getKey(), schema);
              }
            });
  }

  private JsonNode resolved(JsonNode schema) {
    return schema.has("$ref") ? contract.at(schema.path("$ref").asText().substring(1)) : schema;
  }

  /** The fields of a webhook that can be set, with their schemas in the contract, in its order. */
  Map<String, JsonNode> fields() {
    return fields;
  }

  /** Whether a schema of the contract is that of a secret text. */
  static boolean isSecret(JsonNode schema) {
    return schema.path("format").asText().equals(SECRET);
  }

  /** The value of a field that is left out; null where the settings of a process say it. */
  static JsonNode defaultOf(JsonNode schema) {
    return schema.has("x-setting") ? null : schema.get("default");
  }

  /** The JSON Schema of a file. */
  ObjectNode json() {
    ObjectNode root =
        object("Webhooks and captured tables of crm-webhooks, for config plan and config apply.")
            .put("$schema", "http://json-schema.org/draft-07/schema#")
            .put("title", "webhooks.yaml");
    ObjectNode top = root.putObject("properties");
    text(top, "name", "The name that the webhooks know this file by. Default: that of the file.")
        .put("maxLength", 200);
    list(top, "captures", "Captured tables. They need --database.", 1000).set("items", capture());
    list(top, "webhooks", "The webhooks that this file manages.", 1000).set("items", webhook());
    root.putArray("required").add("webhooks");
    return root;
  }

  private static ObjectNode capture() {
    ObjectNode capture = object("A table of the CRM whose changes are captured.");
    ObjectNode properties = capture.putObject("properties");
    text(properties, "schema", "Schema of the table.").put("default", "public");
    text(properties, "table", "The table, as spelled in the database, without quotes.");
    text(
        properties,
        "object",
        "Name of its object in events. Default: the table without leading underscores.");
    text(properties, "workspace", "Workspace of its changes.").put("default", "");
    list(properties, "ignoredColumns", "Columns whose change alone is no event.", 1600)
        .putObject("items")
        .put("type", "string");
    capture.putArray("required").add("table");
    return capture;
  }

  private ObjectNode webhook() {
    ObjectNode webhook = object("A webhook. A field that is left out has its default.");
    ObjectNode properties = webhook.putObject("properties");
    text(properties, "name", "Its name, unique in its workspace. Another name is another webhook.")
        .put("maxLength", 100)
        .put("pattern", NAME);
    text(properties, "id", "The webhook that it takes over, where none has its name yet.");
    fields.forEach((name, schema) -> properties.set(name, property(schema)));
    webhook.putArray("required").add("name").add("targetUrl");
    return webhook;
  }

  private JsonNode property(JsonNode contracted) {
    JsonNode schema = resolved(contracted);
    if (isSecret(schema)) {
      return Json.object()
          .put("type", "string")
          .put("pattern", REFERENCE)
          .put("description", "env:NAME or file:PATH, where it is to be found; empty: none.");
    }
    ObjectNode property = Json.object();
    schema.properties().forEach(word -> property.set(word.getKey(), word.getValue()));
    property.remove(FOREIGN);
    if (schema.has("x-setting")) {
      property.remove("default");
    }
    for (String inner : List.of("items", "additionalProperties")) {
      if (schema.path(inner).isObject()) {
        property.set(inner, property(schema.get(inner)));
      }
    }
    if (schema.has("properties")) {
      ObjectNode nested = property.putObject("properties");
      schema
          .get("properties")
          .properties()
          .forEach(field -> nested.set(field.getKey(), property(field.getValue())));
    }
    if (schema.path("nullable").asBoolean() && schema.has("type")) {
      property.putArray("type").add(schema.get("type")).add("null");
    }
    return property;
  }

  private static ObjectNode object(String description) {
    return Json.object()
        .put("description", description)
        .put("type", "object")
        .put("additionalProperties", false);
  }

  private static ObjectNode text(ObjectNode properties, String name, String description) {
    return properties.putObject(name).put("type", "string").put("description", description);
  }

  private static ObjectNode list(ObjectNode properties, String name, String description, int most) {
    return properties
        .putObject(name)
        .put("type", "array")
        .put("maxItems", most)
        .put("description", description);
  }
}
