package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * Webhooks and captured tables as a file: always in the same order, defaults left out, a place to
 * find it for each secret. Used by one thread.
 */
final class ConfigExport {
  private static final int LONGEST_NAME = 60;

  private static final String HEAD =
      """
      # Made by config export; docs/config.md says what it means. Secrets stand where each env: says. Without the line a
      # webhook that is taken over by its id keeps the secret that it has.

      """;

  private final ConfigSchema schema;
  private final Set<String> names = new HashSet<>();
  private final Set<String> variables = new HashSet<>();
  private final List<String> places = new ArrayList<>();

  ConfigExport(ConfigSchema schema) {
    this.schema = schema;
  }

  /**
   * @param webhooks as the API lists them
   * @param captures as they are listed; null: they could not be looked at
   */
  ObjectNode file(JsonNode webhooks, List<ObjectNode> captures) {
    List<JsonNode> ours = new ArrayList<>();
    webhooks.forEach(
        webhook -> {
          if (!webhook.path("source").asText().equals("twenty")) {
            ours.add(webhook);
          }
        });
    ObjectNode file = Json.object();
    Set<String> managers = managers(ours);
    if (managers.size() == 1) {
      file.put("name", managers.iterator().next());
    }
    if (captures != null) {
      ArrayNode tables = file.putArray("captures");
      captures.stream()
          .filter(table -> !table.path("twenty").asBoolean())
          .forEach(table -> tables.add(capture(table)));
    }
    ours.forEach(webhook -> places.add(place(webhook)));
    ours.forEach(webhook -> names.add(key(webhook, webhook.path("name").asText(""))));
    List<ObjectNode> entries = new ArrayList<>();
    ours.stream()
        .sorted(Comparator.comparing(ConfigExport::order))
        .forEach(webhook -> entries.add(entry(webhook)));
    entries.sort(
        Comparator.comparing((ObjectNode entry) -> entry.path("workspace").asText())
            .thenComparing(entry -> entry.path("name").asText()));
    file.putArray("webhooks").addAll(entries);
    return file;
  }

  /** The files that manage some of them. */
  private static Set<String> managers(List<JsonNode> webhooks) {
    Set<String> managers = new TreeSet<>();
    webhooks.forEach(
        webhook -> {
          if (webhook.hasNonNull("file")) {
            managers.add(webhook.path("file").asText());
          }
        });
    return managers;
  }

  /** Two that have the same are said to be wanted so. */
  private static String place(JsonNode webhook) {
    Set<String> operations = new TreeSet<>();
    webhook.path("operations").forEach(operation -> operations.add(operation.asText()));
    return key(webhook, webhook.path("targetUrl").asText() + operations);
  }

  private static String order(JsonNode webhook) {
    return String.join(
        "\0",
        webhook.path("workspace").asText(),
        webhook.path("targetUrl").asText(),
        webhook.path("operations").toString(),
        webhook.path("id").asText());
  }

  private static ObjectNode capture(JsonNode table) {
    ObjectNode entry = Json.object();
    if (!table.path("schema").asText().equals("public")) {
      entry.set("schema", table.path("schema"));
    }
    entry.set("table", table.path("table"));
    entry.set("object", table.path("object"));
    if (!table.path("workspace").asText().isEmpty()) {
      entry.set("workspace", table.path("workspace"));
    }
    if (!table.path("ignoredColumns").isEmpty()) {
      entry.set("ignoredColumns", table.path("ignoredColumns"));
    }
    return entry;
  }

  private ObjectNode entry(JsonNode webhook) {
    ObjectNode entry = Json.object();
    if (webhook.hasNonNull("name")) {
      entry.set("name", webhook.get("name"));
    } else {
      entry.put("name", newName(webhook)).set("id", webhook.get("id"));
    }
    if (!webhook.path("workspace").asText().isEmpty()) {
      entry.set("workspace", webhook.get("workspace"));
    }
    schema
        .fields()
        .forEach(
            (field, contracted) -> {
              JsonNode value = webhook.get(field);
              boolean asDefault =
                  value == null
                      || value.isNull()
                      || value.equals(ConfigSchema.defaultOf(contracted))
                      || field.equals("workspace");
              if (!asDefault) {
                entry.set(field, value.deepCopy());
              }
            });
    secrets(entry, webhook);
    if (Collections.frequency(places, place(webhook)) > 1) {
      entry.put("duplicate", true);
    }
    return entry;
  }

  private void secrets(ObjectNode entry, JsonNode webhook) {
    String name = entry.path("name").asText();
    if (webhook.hasNonNull("publicKey")) {
      entry.put("ed25519", true);
    } else {
      entry.put("secret", webhook.path("signed").asBoolean() ? variable(name + "_secret") : "");
    }
    if (entry.get("oauth2") instanceof ObjectNode credentials) {
      credentials.put("clientSecret", variable(name + "_client_secret"));
    }
    if (!webhook.path("headerNames").isEmpty()) {
      ObjectNode headers = entry.putObject("headers");
      webhook
          .path("headerNames")
          .forEach(header -> headers.put(header.asText(), variable(name + '_' + header.asText())));
    }
  }

  private String variable(String of) {
    String plain = "WEBHOOK_" + of.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
    return "env:" + free(plain, "_", variables);
  }

  /** From the URL, since a description may be anything. */
  private String newName(JsonNode webhook) {
    String plain =
        webhook
            .path("targetUrl")
            .asText()
            .replaceFirst("(?i)^https?://", "")
            .replaceFirst("[?#].*$", "")
            .replaceAll("[^A-Za-z0-9.]+", "-");
    String shortened = plain.substring(0, Math.min(LONGEST_NAME, plain.length()));
    String name = shortened.replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "");
    String base = name.isEmpty() ? "webhook" : name;
    return free(key(webhook, base), "-", names).substring(key(webhook, "").length());
  }

  private static String key(JsonNode webhook, String name) {
    return webhook.path("workspace").asText() + '\0' + name;
  }

  /** With a number behind it where somebody has it already. */
  private static String free(String wanted, String gap, Set<String> taken) {
    String free = wanted;
    for (int i = 2; !taken.add(free); i++) {
      free = wanted + gap + i;
    }
    return free;
  }

  /** As YAML. */
  static String yaml(JsonNode file) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setIndentWithIndicator(true)
            .setIndicatorIndent(2)
            .setIndent(2)
            .setWidth(120)
            .build();
    return new Dump(settings)
        .dumpToString(plain(file))
        .replaceAll("(?m)^(captures|webhooks|  - name):", "\n$1:")
        .replace("webhooks:\n\n", "webhooks:\n")
        .replaceFirst("^\\s*", HEAD);
  }

  private static Object plain(JsonNode value) {
    if (value.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      value.properties().forEach(field -> map.put(field.getKey(), plain(field.getValue())));
      return map;
    }
    if (value.isArray()) {
      List<Object> list = new ArrayList<>();
      value.forEach(element -> list.add(plain(element)));
      return list;
    }
    if (value.isNumber()) {
      boolean whole = value.decimalValue().stripTrailingZeros().scale() <= 0;
      return whole ? (Object) value.longValue() : (Object) value.doubleValue();
    }
    return value.isBoolean()
        ? (Object) value.booleanValue()
        : value.isNull() ? null : value.asText();
  }
}
