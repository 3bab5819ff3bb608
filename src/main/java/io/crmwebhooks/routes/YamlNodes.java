package io.crmwebhooks.routes;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The nodes of a YAML file, with their lines. */
final class YamlNodes {
  private YamlNodes() {}

  /** Calls the visitor with each key that is a text, and its value. */
  static void each(MappingNode mapping, BiConsumer<String, Node> visitor) {
    for (NodeTuple tuple : mapping.getValue()) {
      String key = text(tuple.getKeyNode());
      if (key != null) {
        visitor.accept(key, tuple.getValueNode());
      }
    }
  }

  /** Its values by their keys; some may be added. */
  static Map<String, Node> fields(MappingNode mapping) {
    Map<String, Node> fields = new LinkedHashMap<>();
    each(mapping, fields::put);
    return fields;
  }

  /** Of a scalar; null of anything else. */
  static String text(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue() : null;
  }

  /** The file and the line. */
  static String place(String file, Node node) {
    return file + node.getStartMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
  }
}
