package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.admin.Json;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A YAML 1.2 file as JSON, with the line of each value by its place, such as {@code
 * webhooks[3].targetUrl}. Its errors are collected. Used by one thread.
 */
final class YamlFile {
  static final int LARGEST = 1_048_576;

  /** An alias stands for what it names, which stands for more: a small file may be endless. */
  private static final int MOST_VALUES = 200_000;

  private static final int DEEPEST = 20;
  private static final int LONGEST_NUMBER = 40;

  private record Mistake(int line, String text) {}

  private final String name;
  private final Map<String, Integer> lines = new HashMap<>();
  private final List<Mistake> errors = new ArrayList<>();
  private JsonNode root = MissingNode.getInstance();
  private int values;

  private YamlFile(String name) {
    this.name = name;
  }

  /**
   * @param name for messages
   */
  static YamlFile read(String name, byte[] bytes) {
    YamlFile file = new YamlFile(name);
    if (bytes.length > LARGEST) {
      file.add(1, "the file must not be larger than %,d bytes".formatted(LARGEST));
      return file;
    }
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(LARGEST).build();
    try {
      new Compose(settings)
          .composeInputStream(new ByteArrayInputStream(bytes))
          .ifPresent(node -> file.root = file.json(node, "", 0));
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      file.add(line, e.getProblem());
    } catch (YamlEngineException e) {
      file.add(1, e.getMessage());
    } catch (StackOverflowError e) { // the parser goes down with the text
      file.add(1, "the file is nested too deeply");
    }
    return file;
  }

  String name() {
    return name;
  }

  /** The whole of it; missing where it is empty, or no YAML. */
  JsonNode root() {
    return root;
  }

  /** Its mistakes, each with file and line, from the first line to the last. */
  List<String> errors() {
    return errors.stream()
        .sorted(Comparator.comparing(Mistake::line))
        .map(mistake -> "%s:%d: %s".formatted(name, mistake.line(), Text.plain(mistake.text())))
        .toList();
  }

  /** Notes what is wrong at a place, or else at what is around it. */
  void error(String place, String message) {
    String known = place;
    while (!lines.containsKey(known) && !known.isEmpty()) {
      known =
          known.substring(0, Math.max(0, Math.max(known.lastIndexOf('.'), known.lastIndexOf('['))));
    }
    add(lines.getOrDefault(known, 1), (place + ' ' + message).strip());
  }

  private void add(int line, String text) {
    errors.add(new Mistake(line, text));
  }

  private JsonNode json(Node node, String place, int depth) {
    lines.putIfAbsent(place, line(node));
    if (++values > MOST_VALUES || depth > DEEPEST) {
      throw new YamlEngineException(
          "the file has too many values, or is nested too deeply; aliases count as what they stand for");
    }
    if (node instanceof MappingNode mapping) {
      return object(mapping, place, depth);
    }
    if (node instanceof SequenceNode list) {
      ArrayNode array = Json.array();
      for (Node item : list.getValue()) {
        array.add(json(item, place + '[' + array.size() + ']', depth + 1));
      }
      return array;
    }
    return scalar((ScalarNode) node, place);
  }

  private ObjectNode object(MappingNode mapping, String place, int depth) {
    ObjectNode object = Json.object();
    for (NodeTuple tuple : mapping.getValue()) {
      Node key = tuple.getKeyNode();
      String text = key instanceof ScalarNode scalar ? scalar.getValue() : "";
      String at = place.isEmpty() ? text : place + '.' + text;
      lines.put(at, line(key));
      if (!(key instanceof ScalarNode)) {
        error(at, "has a key that is no text");
      } else if (object.has(text)) {
        error(at, "is there twice");
      } else {
        object.set(text, json(tuple.getValueNode(), at, depth + 1));
      }
    }
    return object;
  }

  private JsonNode scalar(ScalarNode scalar, String place) {
    String text = scalar.getValue();
    Tag tag = scalar.getTag();
    if (tag.equals(Tag.STR)) {
      return TextNode.valueOf(text);
    }
    if (tag.equals(Tag.NULL)) {
      return NullNode.getInstance();
    }
    if (tag.equals(Tag.BOOL)) {
      return BooleanNode.valueOf(text.equals("true"));
    }
    if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
      return number(text, place);
    }
    error(place, "has a tag, which means nothing here: " + tag.getValue());
    return NullNode.getInstance();
  }

  private JsonNode number(String text, String place) {
    try {
      if (text.length() <= LONGEST_NUMBER) {
        BigDecimal number = new BigDecimal(text);
        return number.scale() == 0 && number.precision() < 19
            ? LongNode.valueOf(number.longValue())
            : DecimalNode.valueOf(number);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    error(place, "is no number");
    return NullNode.getInstance();
  }

  private static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }
}
