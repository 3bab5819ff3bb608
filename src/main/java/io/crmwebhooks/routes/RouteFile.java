package io.crmwebhooks.routes;

import static io.crmwebhooks.routes.YamlNodes.each;
import static io.crmwebhooks.routes.YamlNodes.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.spi.Resource;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The names in a route file, each with its line. Of a file that is no YAML there is nothing: Camel
 * says best what is wrong with it.
 */
final class RouteFile {
  /** Something that is named, and the file and line where. */
  record Mention(String name, String place) {}

  /** A route that is defined here. */
  record Route(String place, boolean hasPolicy) {}

  private static final Pattern ENDPOINT =
      Pattern.compile("(direct|seda):(?://)?([\\w.-]+)(\\?.*)?");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}?][^{}]*)}}");
  private static final Pattern BEAN_IN_TEXT =
      Pattern.compile("\\$\\{(?:bean|ref):(\\w+)|[?&]\\w+=#(?:bean:)?(\\w+)(?=$|&)");
  private static final Pattern BEAN_OF_ENDPOINT = Pattern.compile("(?:jdbc|bean):(\\w+)(?:\\?.*)?");
  private static final Pattern STATEMENT = Pattern.compile("sql-file:([\\w-]+)(?:\\?.*)?");
  private static final Pattern BEAN_OF_OPTION = Pattern.compile("#(?:bean:)?(\\w+)");
  private static final Set<String> BEAN_OPTIONS = Set.of("executorService", "aggregationStrategy");

  private final String name;
  private final Set<String> consumed = new HashSet<>();
  private final Set<String> policies = new HashSet<>();
  private final Set<String> beans = new HashSet<>();
  private final Map<String, Route> routes = new LinkedHashMap<>();
  private final List<Mention> called = new ArrayList<>();
  private final List<Mention> policiesNamed = new ArrayList<>();
  private final List<Mention> beansNamed = new ArrayList<>();
  private final List<Mention> placeholders = new ArrayList<>();
  private final List<Mention> statements = new ArrayList<>();
  private final Set<String> ofTemplates = new HashSet<>();

  private boolean isBroken;

  private RouteFile(String name) {
    this.name = name;
  }

  static RouteFile read(Resource resource) throws IOException {
    RouteFile file = new RouteFile(resource.getLocation().replaceFirst("^(file|classpath):", ""));
    try (InputStream in = resource.getInputStream()) {
      Optional<Node> root = new Compose(LoadSettings.builder().build()).composeInputStream(in);
      root.ifPresent(node -> file.walk(node, "", ""));
      return file;
    } catch (YamlEngineException e) {
      RouteFile broken = new RouteFile(file.name);
      broken.isBroken = true;
      return broken;
    }
  }

  /** Whether it is no YAML. */
  boolean isBroken() {
    return isBroken;
  }

  /** The path as it is configured. */
  String name() {
    return name;
  }

  /** The {@code direct:} and {@code seda:} endpoints that its routes begin with. */
  Set<String> consumed() {
    return consumed;
  }

  Set<String> policies() {
    return policies;
  }

  /** The beans that it makes itself. */
  Set<String> beans() {
    return beans;
  }

  Map<String, Route> routes() {
    return routes;
  }

  List<Mention> called() {
    return called;
  }

  List<Mention> policiesNamed() {
    return policiesNamed;
  }

  List<Mention> beansNamed() {
    return beansNamed;
  }

  /** Those of properties; parameters of a template are none. */
  List<Mention> placeholders() {
    return placeholders.stream().filter(mention -> !ofTemplates.contains(mention.name())).toList();
  }

  /** The statements that its routes run. */
  List<Mention> statements() {
    return statements;
  }

  private String place(Node node) {
    return YamlNodes.place(name, node);
  }

  /**
   * @param parent the key that the mapping around it stands under
   */
  private void walk(Node node, String key, String parent) {
    if (node instanceof SequenceNode list) {
      list.getValue().forEach(item -> walk(item, key, parent));
    } else if (node instanceof MappingNode mapping) {
      define(mapping, key, parent);
      each(mapping, (name, value) -> walk(value, name, key));
    } else if (node instanceof ScalarNode scalar) {
      mention(scalar.getValue(), key, parent, scalar);
    }
  }

  private void define(MappingNode mapping, String key, String parent) {
    Map<String, Node> fields = new LinkedHashMap<>();
    each(mapping, fields::put);
    String id = text(fields.get("id"));
    switch (key) {
      case "route" -> {
        boolean hasPolicy =
            fields.containsKey("routeConfigurationId") || fields.containsKey("errorHandler");
        if (!parent.equals("routeTemplate")) {
          routes.put(String.valueOf(id), new Route(place(mapping), hasPolicy));
        }
      }
      case "templatedRoute" ->
          routes.put(text(fields.get("routeId")), new Route(place(mapping), true));
      case "routeTemplate" -> {
        if (fields.get("parameters") instanceof SequenceNode parameters) {
          parameters
              .getValue()
              .forEach(
                  parameter ->
                      each(
                          (MappingNode) parameter,
                          (name, value) -> {
                            if (name.equals("name")) {
                              ofTemplates.add(text(value));
                            }
                          }));
        }
      }
      case "rest" ->
          routes.put("rest " + text(fields.get("path")), new Route(place(mapping), true));
      case "routeConfiguration", "route-configuration" -> policies.add(id);
      case "beans" -> beans.add(text(fields.get("name")));
      default -> {}
    }
    String uri = text(fields.get("uri"));
    if (("direct".equals(uri) || "seda".equals(uri))
        && fields.get("parameters") instanceof MappingNode parameters) {
      each(
          parameters,
          (name, value) -> {
            if (name.equals("name")) {
              endpoint(uri + ":" + text(value), key, value);
            }
          });
    }
  }

  private void mention(String text, String key, String parent, Node node) {
    endpoint(text, key.equals("uri") ? parent : key, node);
    find(PLACEHOLDER, text, node, placeholders);
    find(BEAN_IN_TEXT, text, node, beansNamed);
    if (key.equals("routeConfigurationId")) {
      for (String policy : text.split(",")) {
        if (!policy.contains("*")) {
          policiesNamed.add(new Mention(policy.trim(), place(node)));
        }
      }
    }
    if (key.equals("ref") && text.matches("\\w+")
        || key.equals("expression") && parent.equals("ref")
        || key.endsWith("Ref") && text.matches("\\w+")) {
      beansNamed.add(new Mention(text, place(node)));
    }
    if (parent.equals("parameters") || BEAN_OPTIONS.contains(key)) {
      whole(BEAN_OF_OPTION, text, node, beansNamed);
    }
    whole(BEAN_OF_ENDPOINT, text, node, beansNamed);
    whole(STATEMENT, text, node, statements);
  }

  /**
   * @param of the step, or {@code from}
   */
  private void endpoint(String text, String of, Node node) {
    Matcher endpoint = ENDPOINT.matcher(text);
    if (endpoint.matches()) {
      String called = endpoint.group(1) + ":" + endpoint.group(2);
      if (of.equals("from")) {
        consumed.add(called);
      } else {
        this.called.add(new Mention(called, place(node)));
      }
    }
  }

  private void whole(Pattern pattern, String text, Node node, List<Mention> mentions) {
    Matcher matcher = pattern.matcher(text);
    if (matcher.matches()) {
      mentions.add(new Mention(matcher.group(1), place(node)));
    }
  }

  private void find(Pattern pattern, String text, Node node, List<Mention> mentions) {
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      String found = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      mentions.add(new Mention(found, place(node)));
    }
  }
}
