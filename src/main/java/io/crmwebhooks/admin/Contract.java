package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.admin.Caller.Role;
import io.crmwebhooks.settings.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * {@code openapi.json}: which operations there are, and who may call them. The document is served,
 * and requests are held to it. A path that it does not name is not found, and a query parameter
 * that it does not name is refused. {@code x-role} names the role that an operation takes, and
 * {@code x-setting} the property with the default of a field. Immutable.
 */
public final class Contract {
  private static final String SETTING = "x-setting";

  /**
   * An operation of the document.
   *
   * @param role null: no token is asked for
   * @param query names of the query parameters
   */
  public record Entry(String id, String method, String path, Role role, List<String> query) {}

  /** The operation that a request asks for, with the values of the path's parameters. */
  public record Match(Entry entry, Map<String, String> parameters) {}

  private record Template(String path, List<String> segments, Map<String, Entry> byMethod) {}

  private final ObjectNode document;
  private final List<Template> templates = new ArrayList<>();

  Contract(ObjectNode document) {
    this.document = document;
    document
        .path("paths")
        .fields()
        .forEachRemaining(path -> templates.add(template(path.getKey(), path.getValue())));
    // of two paths that fit, the one with the name goes before the one with the parameter
    templates.sort(Comparator.comparing(template -> template.path().replace('{', '\uffff')));
  }

  /**
   * Reads the document.
   *
   * @param setting gives the value of a property: the default of each field that names one
   */
  public static Contract load(UnaryOperator<String> setting) {
    try (InputStream in = Contract.class.getResourceAsStream("/openapi.json")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      ObjectNode document = (ObjectNode) Json.trusted(text);
      ((ObjectNode) document.path("info")).put("version", Version.text());
      for (JsonNode field : document.findParents(SETTING)) {
        String value = setting.apply(field.path(SETTING).asText());
        boolean number = field.path("type").asText().equals("integer");
        ((ObjectNode) field)
            .set("default", number ? new LongNode(Long.parseLong(value)) : TextNode.valueOf(value));
      }
      return new Contract(document);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Template template(String path, JsonNode item) {
    Map<String, Entry> byMethod = new LinkedHashMap<>();
    item.fields()
        .forEachRemaining(
            field -> {
              String method = field.getKey().toUpperCase(Locale.ROOT);
              if (!method.equals("PARAMETERS")) {
                byMethod.put(method, entry(method, path, field.getValue()));
              }
            });
    return new Template(path, segments(path), byMethod);
  }

  private Entry entry(String method, String path, JsonNode operation) {
    List<String> query = new ArrayList<>();
    for (JsonNode parameter : operation.path("parameters")) {
      JsonNode resolved =
          parameter.has("$ref")
              ? document.at(parameter.path("$ref").asText().substring(1))
              : parameter;
      if (resolved.path("in").asText().equals("query")) {
        query.add(resolved.path("name").asText());
      }
    }
    Role role =
        operation.has("x-role") ? Role.of(operation.path("x-role").asText()).orElseThrow() : null;
    return new Entry(operation.path("operationId").asText(), method, path, role, query);
  }

  private static List<String> segments(String path) {
    return List.of(path.substring(1).split("/", -1));
  }

  /** The document as it is served. */
  public JsonNode document() {
    return document;
  }

  /**
   * The values of the fields of a schema where nobody sets them, by name; null where a setting of
   * the process says it, or where it is nothing.
   */
  ObjectNode defaults(String schema) {
    ObjectNode defaults = Json.object();
    document
        .at("/components/schemas/%s/properties".formatted(schema))
        .properties()
        .forEach(
            field ->
                defaults.set(
                    field.getKey(),
                    field.getValue().has(SETTING) ? null : field.getValue().get("default")));
    return defaults;
  }

  /** All operations. */
  public List<Entry> entries() {
    return templates.stream().flatMap(template -> template.byMethod().values().stream()).toList();
  }

  /**
   * Finds what a request asks for.
   *
   * @throws Problem 404 for a path that is not in the document, 405 for a method that its path has
   *     not
   */
  public Match match(String method, String path) {
    List<String> segments = segments(path.isEmpty() ? "/" : path);
    TreeSet<String> allowed = new TreeSet<>();
    for (Template template : templates) {
      Map<String, String> parameters = parameters(template.segments(), segments);
      if (parameters != null) {
        Entry entry = template.byMethod().get(method);
        if (entry != null) {
          return new Match(entry, parameters);
        }
        allowed.addAll(template.byMethod().keySet());
      }
    }
    if (allowed.isEmpty()) {
      throw Problem.of(404, "there is nothing at " + path);
    }
    String list = String.join(", ", allowed);
    throw Problem.of(405, method + " is not one of " + list, Map.of("Allow", list));
  }

  private static Map<String, String> parameters(List<String> template, List<String> segments) {
    if (template.size() != segments.size()) {
      return null;
    }
    Map<String, String> parameters = new HashMap<>();
    for (int i = 0; i < template.size(); i++) {
      String expected = template.get(i);
      if (expected.startsWith("{") && !segments.get(i).isEmpty()) {
        parameters.put(expected.substring(1, expected.length() - 1), segments.get(i));
      } else if (!expected.equals(segments.get(i))) {
        return null;
      }
    }
    return parameters;
  }
}
