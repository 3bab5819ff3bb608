package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One thing, a line for each of its fields. Used by one thread. */
final class Sheet {
  private final Map<String, String> lines = new LinkedHashMap<>();

  /** Every field of an object by its own name, whatever the API has, but these. */
  static Sheet of(JsonNode object, String... but) {
    Collection<String> left = List.of(but);
    Sheet sheet = new Sheet();
    object
        .fields()
        .forEachRemaining(
            field -> {
              if (!left.contains(field.getKey())) {
                sheet.line(field.getKey(), Text.of(field.getValue()));
              }
            });
    return sheet;
  }

  Sheet line(String name, String value) {
    lines.put(name, value);
    return this;
  }

  @Override
  public String toString() {
    int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    lines.forEach(
        (name, value) ->
            text.append(name)
                .append(" ".repeat(width - name.length() + 2))
                .append(value)
                .append(System.lineSeparator()));
    return text.toString();
  }
}
