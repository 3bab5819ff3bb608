package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Values as they are shown on a terminal, where nothing that came from elsewhere may steer it. */
final class Text {
  /** Beyond it an indent says nothing more. */
  private static final int DEEPEST = 40;

  private Text() {}

  /** A value in one line: {@code -} for none, a list by its parts. */
  static String of(JsonNode value) {
    if (value.isMissingNode() || value.isNull() || value.isTextual() && value.asText().isEmpty()) {
      return "-";
    }
    if (value.isBoolean()) {
      return value.asBoolean() ? "yes" : "no";
    }
    if (value.isArray()) {
      List<String> parts = new ArrayList<>();
      value.forEach(part -> parts.add(of(part)));
      return parts.isEmpty() ? "-" : String.join(",", parts);
    }
    return plain(value.isObject() ? value.toString() : value.asText());
  }

  /** A count, in groups of three digits. */
  static String number(JsonNode count) {
    return count.isNumber() ? String.format(Locale.ROOT, "%,d", count.asLong()) : "-";
  }

  /** A share from 0 to 1. */
  static String percent(JsonNode share) {
    return (int) (100 * share.asDouble()) + " %";
  }

  /** One line, with control characters written out rather than obeyed. */
  static String plain(String text) {
    return text.codePoints()
        .collect(StringBuilder::new, (line, c) -> append(line, c), StringBuilder::append)
        .toString();
  }

  /** As {@link #plain}, of several lines. */
  static String lines(String text) {
    return String.join(
        System.lineSeparator(), text.lines().map(line -> plain(line.replace("\t", "  "))).toList());
  }

  private static void append(StringBuilder line, int c) {
    boolean steers =
        Character.isISOControl(c)
            || Character.getType(c) == Character.FORMAT // such as those that turn the direction
            || Character.getType(c) == Character.LINE_SEPARATOR
            || Character.getType(c) == Character.PARAGRAPH_SEPARATOR;
    if (steers) {
      line.append("\\u%04x".formatted(c));
    } else {
      line.appendCodePoint(c);
    }
  }

  /** A body as it is best read: JSON in lines, every digit kept; anything else as it is. */
  static String body(String body) {
    String start = body.stripLeading();
    return lines(start.startsWith("{") || start.startsWith("[") ? indentedJson(start) : body);
  }

  /**
   * Only breaks lines and sets blanks, so it also shows a text that is cut, or deeper than any
   * parser goes.
   */
  private static String indentedJson(String json) {
    StringBuilder text = new StringBuilder(json.length() * 2);
    int depth = 0;
    boolean opened = false;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (Character.isWhitespace(c)) {
        continue;
      }
      boolean closes = c == '}' || c == ']';
      depth -= closes ? 1 : 0;
      if (opened != closes) {
        breakLine(text, depth);
      }
      opened = c == '{' || c == '[';
      depth += opened ? 1 : 0;
      int end = c == '"' ? endOfText(json, i) : i;
      text.append(c == ':' ? " : " : json.substring(i, end + 1));
      i = end;
      if (c == ',') {
        breakLine(text, depth);
      }
    }
    return text.toString();
  }

  /** The quote that ends a text, or the last character where it is cut. */
  private static int endOfText(String json, int quote) {
    int at = quote + 1;
    while (at < json.length() && json.charAt(at) != '"') {
      at += json.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(at, json.length() - 1);
  }

  private static void breakLine(StringBuilder text, int depth) {
    text.append('\n').append("  ".repeat(Math.max(0, Math.min(depth, DEEPEST))));
  }

  /** A text with values of an object, counts in groups of three digits. */
  static String format(String format, JsonNode of, String... fields) {
    return format.formatted(
        Stream.of(fields)
            .map(of::path)
            .map(value -> value.isNumber() ? number(value) : of(value))
            .toArray());
  }

  /** As {@link #format}, or nothing where the value is null or zero. */
  static String formatIfAny(String format, JsonNode of, String field) {
    return format("%s", of, field).matches("-|0") ? "" : format(format, of, field);
  }

  /** Every field of an object by its own name, whatever the API has, a line each, but these. */
  static String fields(JsonNode object, String... but) {
    Map<String, String> shown = new LinkedHashMap<>();
    object.fields().forEachRemaining(field -> shown.put(field.getKey(), of(field.getValue())));
    shown.keySet().removeAll(List.of(but));
    int width = shown.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    shown.forEach(
        (name, value) ->
            text.append(name)
                .append(" ".repeat(width - name.length() + 2))
                .append(value)
                .append(System.lineSeparator()));
    return text.toString();
  }

  /** Each line further to the right. */
  static String indented(String text) {
    return text.lines()
        .map(line -> "  " + line)
        .reduce((a, b) -> a + System.lineSeparator() + b)
        .orElse("");
  }
}
