package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.crmwebhooks.database.StorableText;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes JSON as {@code JSON.stringify(JSON.parse(…))} does: without spaces, each string and number
 * in its one form, and the keys of an object that are array indices first. Numbers keep every
 * digit, also where JavaScript would round. A character that the database cannot keep is written as
 * an escape. Source: ECMA-262, section 25.5.2.
 */
final class JavaScriptJson {
  private static final long LAST_INDEX = 4_294_967_294L;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(
              DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS,
              DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  private final StringBuilder out;

  private JavaScriptJson(StringBuilder out) {
    this.out = out;
  }

  /**
   * Appends a JSON text. It never fails: of a text that is cut off it appends what is there, and a
   * text that nests deeper than Jackson reads keeps the order of its keys.
   */
  static void append(StringBuilder out, String json) {
    int start = out.length();
    JavaScriptJson writer = new JavaScriptJson(out);
    if (writer.copy(json)) {
      return;
    }
    try {
      JsonNode parsed = JSON.readTree(json);
      out.setLength(start);
      writer.write(parsed);
    } catch (JsonProcessingException e) {
      return; // as copied
    }
  }

  /** Appends a text as a JSON string. */
  static void appendText(StringBuilder out, String text) {
    new JavaScriptJson(out).quote(text);
  }

  /**
   * Copies a text without its spaces, in the order in which it is written.
   *
   * @return false when JavaScript might order the keys of an object in another way
   */
  private boolean copy(String json) {
    boolean inOrder = true;
    int length = json.length();
    int at = 0;
    while (at < length) {
      char c = json.charAt(at);
      int end = at + 1;
      if (c == '"') {
        end = copyText(json, at);
        inOrder = inOrder && !(isKey(json, end) && mayMove(json, at + 1, end - 1));
      } else if (c == '-' || c >= '0' && c <= '9') {
        end = endOfNumber(json, at);
        JavaScriptNumber.append(out, json, at, end);
      } else if (c > ' ') {
        out.append(c);
      }
      at = end;
    }
    return inOrder;
  }

  /** Returns the place after the closing quote. */
  private int copyText(String json, int open) {
    boolean escaped = false;
    int at = open + 1;
    while (at < json.length() && json.charAt(at) != '"') {
      if (json.charAt(at) == '\\') {
        escaped = true;
        at++;
      }
      at++;
    }
    int end = Math.min(json.length(), at + 1);
    if (escaped && at < json.length()) {
      quote(unescaped(json, open + 1, at));
    } else {
      out.append(json, open, end);
    }
    return end;
  }

  private static String unescaped(String json, int from, int to) {
    StringBuilder text = new StringBuilder(to - from);
    int at = from;
    while (at < to) {
      char c = json.charAt(at++);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char kind = json.charAt(at++);
      if (kind == 'u') {
        text.append((char) Integer.parseInt(json, at, at + 4, 16));
        at += 4;
      } else {
        int control = "bfnrt".indexOf(kind);
        text.append(control < 0 ? kind : "\b\f\n\r\t".charAt(control));
      }
    }
    return text.toString();
  }

  private static boolean isKey(String json, int at) {
    int next = at;
    while (next < json.length() && json.charAt(next) <= ' ') {
      next++;
    }
    return next < json.length() && json.charAt(next) == ':';
  }

  /** An escape may stand for a digit. */
  private static boolean mayMove(String json, int from, int to) {
    int escape = json.indexOf('\\', from);
    return escape >= 0 && escape < to || isIndex(json, from, to);
  }

  private static int endOfNumber(String json, int start) {
    int end = start + 1;
    while (end < json.length() && "+-.0123456789eE".indexOf(json.charAt(end)) >= 0) {
      end++;
    }
    return end;
  }

  private void write(JsonNode node) {
    if (node.isObject()) {
      char before = '{';
      for (Map.Entry<String, JsonNode> field : ordered(node)) {
        out.append(before);
        quote(field.getKey());
        out.append(':');
        write(field.getValue());
        before = ',';
      }
      out.append(before == '{' ? "{}" : "}");
    } else if (node.isArray()) {
      char before = '[';
      for (JsonNode element : node) {
        out.append(before);
        write(element);
        before = ',';
      }
      out.append(before == '[' ? "[]" : "]");
    } else if (node.isTextual()) {
      quote(node.textValue());
    } else if (node.isNumber()) {
      String number = node.asText();
      JavaScriptNumber.append(out, number, 0, number.length());
    } else {
      out.append(node.asText());
    }
  }

  private static List<Map.Entry<String, JsonNode>> ordered(JsonNode object) {
    return Stream.concat(
            object.properties().stream()
                .filter(field -> isIndex(field.getKey()))
                .sorted(Comparator.comparing(field -> Long.parseLong(field.getKey()))),
            object.properties().stream().filter(field -> !isIndex(field.getKey())))
        .toList();
  }

  private static boolean isIndex(String key) {
    return isIndex(key, 0, key.length());
  }

  private static boolean isIndex(String text, int from, int to) {
    int digits = to - from;
    if (digits < 1 || digits > 10 || text.charAt(from) == '0' && digits > 1) {
      return false;
    }
    long value = 0;
    for (int at = from; at < to; at++) {
      char c = text.charAt(at);
      if (c < '0' || c > '9') {
        return false;
      }
      value = value * 10 + c - '0';
    }
    return value <= LAST_INDEX;
  }

  private void quote(String text) {
    if (text.chars().allMatch(c -> c >= ' ' && c <= '~' && c != '"' && c != '\\')) {
      out.append('"').append(text).append('"');
      return;
    }
    boolean kept = StorableText.isOne(text);
    out.append('"');
    int at = 0;
    while (at < text.length()) {
      int c = text.codePointAt(at);
      String character = text.substring(at, at + Character.charCount(c));
      int control = c == '"' || c == '\\' ? -1 : "\b\f\n\r\t".indexOf(c);
      if (c == '"' || c == '\\') {
        out.append('\\').append(character);
      } else if (control >= 0) {
        out.append('\\').append("bfnrt".charAt(control));
      } else if (c < ' ' || !kept && !StorableText.isOne(character)) {
        character.chars().forEach(unit -> out.append("\\u%04x".formatted(unit)));
      } else {
        out.append(character);
      }
      at += character.length();
    }
    out.append('"');
  }
}
