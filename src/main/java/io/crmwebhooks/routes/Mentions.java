package io.crmwebhooks.routes;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The names in the values of a route file, of things that stand elsewhere. */
final class Mentions {
  /** Something that is named, and the file and line where. */
  record Mention(String name, String place) {}

  /** The kinds of things that are named. */
  enum Kind {
    /** A {@code direct:} or {@code seda:} endpoint. */
    CALLED,
    /** A route configuration. */
    POLICY,
    BEAN,
    PROPERTY,
    /** A file in {@code sql}. */
    STATEMENT
  }

  private static final Pattern INTERNAL =
      Pattern.compile("(direct|seda):(?://)?([\\w.-]+)(\\?.*)?");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}?][^{}]*)}}");
  private static final Pattern BEAN_IN_TEXT =
      Pattern.compile(
          "\\$\\{(?:bean|ref):(?:type:[\\w.$]+|(\\w+))|[?&]\\w+=#(?:bean:)?(\\w+)(?=$|&)");
  private static final Pattern BEAN_OF_ENDPOINT = Pattern.compile("(?:jdbc|bean):(\\w+)(?:\\?.*)?");
  private static final Pattern STATEMENT_OF_ENDPOINT =
      Pattern.compile("sql-file:([\\w-]+)(?:\\?.*)?");
  private static final Pattern BEAN_OF_OPTION = Pattern.compile("#(?:bean:)?(\\w+)");
  private static final Pattern WORD = Pattern.compile("(\\w+)");

  /** Of steps. Some of Camel's take the name of a bean without #, too. */
  private static final Set<String> BEAN_OPTIONS =
      Set.of(
          "executorService",
          "timeoutCheckerExecutorService",
          "objectMapper",
          "aggregationStrategy",
          "aggregationRepository",
          "idempotentRepository",
          "onPrepare");

  private static final Set<String> BEANS_BY_NAME =
      Set.of("aggregationStrategy", "aggregationRepository", "idempotentRepository", "onPrepare");

  private final String file;
  private final Map<Kind, List<Mention>> found = new EnumMap<>(Kind.class);

  Mentions(String file) {
    this.file = file;
  }

  List<Mention> of(Kind kind) {
    return found.getOrDefault(kind, List.of());
  }

  void add(Kind kind, String name, Node node) {
    found
        .computeIfAbsent(kind, none -> new ArrayList<>())
        .add(new Mention(name, YamlNodes.place(file, node)));
  }

  /** The endpoint within the process that a URI names, without its options, or null. */
  static String internal(String uri) {
    Matcher matcher = INTERNAL.matcher(uri);
    return matcher.matches() ? matcher.group(1) + ":" + matcher.group(2) : null;
  }

  /**
   * Finds what a value names.
   *
   * @param key it stands under
   * @param parent the key of the mapping around that
   */
  void find(ScalarNode node, String key, String parent) {
    String text = node.getValue();
    anywhere(PLACEHOLDER, text, Kind.PROPERTY, node);
    anywhere(BEAN_IN_TEXT, text, Kind.BEAN, node);
    if (key.equals("routeConfigurationId")) {
      for (String policy : text.split(",")) {
        if (!policy.contains("*")) {
          add(Kind.POLICY, policy.trim(), node);
        }
      }
    }
    if (key.equals("ref")
        || key.equals("expression") && parent.equals("ref")
        || key.endsWith("Ref")
        || BEANS_BY_NAME.contains(key)) {
      whole(WORD, text, Kind.BEAN, node);
    }
    if (parent.equals("parameters") || BEAN_OPTIONS.contains(key)) {
      whole(BEAN_OF_OPTION, text, Kind.BEAN, node);
    }
    whole(BEAN_OF_ENDPOINT, text, Kind.BEAN, node);
    whole(STATEMENT_OF_ENDPOINT, text, Kind.STATEMENT, node);
  }

  private void whole(Pattern pattern, String text, Kind kind, Node node) {
    Matcher matcher = pattern.matcher(text);
    if (matcher.matches()) {
      add(kind, matcher.group(1), node);
    }
  }

  private void anywhere(Pattern pattern, String text, Kind kind, Node node) {
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      String name = matcher.group(1);
      if (name == null && matcher.groupCount() > 1) {
        name = matcher.group(2);
      }
      if (name != null) {
        add(kind, name, node);
      }
    }
  }
}
