package io.crmwebhooks.routes;

import static io.crmwebhooks.routes.YamlNodes.each;
import static io.crmwebhooks.routes.YamlNodes.fields;
import static io.crmwebhooks.routes.YamlNodes.text;

import io.crmwebhooks.routes.Mentions.Kind;
import io.crmwebhooks.routes.Mentions.Mention;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
 * A route file: what it defines, and what it names, each with its line. Of a file that is no YAML
 * there is nothing: Camel says best what is wrong with it.
 */
final class RouteFile {
  /**
   * A route that is defined here.
   *
   * @param from the endpoint within the process that it begins with; null: another, or that of a
   *     template
   */
  record Route(String place, String from, boolean hasPolicy) {}

  private static final Pattern VERSION = Pattern.compile("\\A\\uFEFF?# crm-webhooks (\\S+)\\s");
  private static final Set<String> STEPS_WITH_URI =
      Set.of("to", "toD", "from", "wireTap", "poll", "deadLetterUri");

  /** Below these a key {@code uri} or {@code to} is none of Camel's. */
  private static final Set<String> NO_ENDPOINTS =
      Set.of("parameters", "properties", "interceptFrom", "interceptSendToEndpoint");

  private final String name;
  private final Mentions mentions;
  private final Map<String, String> consumed = new LinkedHashMap<>();
  private final Set<String> policies = new HashSet<>();
  private final Set<String> beans = new HashSet<>();
  private final Map<String, Route> routes = new LinkedHashMap<>();
  private final List<Mention> twice = new ArrayList<>();
  private final List<EndpointUse> endpoints = new ArrayList<>();
  private final Set<String> ofTemplates = new HashSet<>();
  private String version;
  private boolean isBroken;

  private RouteFile(String name) {
    this.name = name;
    this.mentions = new Mentions(name);
  }

  /**
   * @param name the path that people know it by
   */
  static RouteFile read(String name, Resource resource) throws IOException {
    RouteFile file = new RouteFile(name);
    byte[] bytes;
    try (InputStream in = resource.getInputStream()) {
      bytes = in.readAllBytes();
    }
    Matcher version = VERSION.matcher(new String(bytes, StandardCharsets.UTF_8));
    file.version = version.find() ? version.group(1) : null;
    try {
      Optional<Node> root =
          new Compose(LoadSettings.builder().build())
              .composeInputStream(new ByteArrayInputStream(bytes));
      root.ifPresent(node -> file.walk(node, "", ""));
      return file;
    } catch (YamlEngineException e) {
      RouteFile broken = new RouteFile(file.name);
      broken.version = file.version;
      broken.isBroken = true;
      return broken;
    }
  }

  /** The path as it is configured. */
  String name() {
    return name;
  }

  /** The version that its first line names; null when it names none. */
  String version() {
    return version;
  }

  /** Whether it is no YAML. */
  boolean isBroken() {
    return isBroken;
  }

  /**
   * The {@code direct:} and {@code seda:} endpoints that its routes begin with, with their places.
   */
  Map<String, String> consumed() {
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

  /** The ids of routes that it defines once more. */
  List<Mention> twice() {
    return twice;
  }

  List<EndpointUse> endpoints() {
    return endpoints;
  }

  /** Properties are those of the settings; parameters of a template are none. */
  List<Mention> named(Kind kind) {
    List<Mention> named = mentions.of(kind);
    return kind == Kind.PROPERTY
        ? named.stream().filter(mention -> !ofTemplates.contains(mention.name())).toList()
        : named;
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
      String of = key.equals("uri") ? parent : key;
      call(scalar.getValue(), of, scalar);
      if (STEPS_WITH_URI.contains(key) && !NO_ENDPOINTS.contains(parent)) {
        endpoints.add(new EndpointUse(scalar.getValue(), Map.of(), place(scalar)));
      }
      mentions.find(scalar, key, parent);
    }
  }

  private void call(String uri, String of, Node node) {
    String called = Mentions.internal(uri);
    if (called != null && of.equals("from")) {
      consumed.putIfAbsent(called, place(node));
    } else if (called != null) {
      mentions.add(Kind.CALLED, called, node);
    }
  }

  private void define(MappingNode mapping, String key, String parent) {
    Map<String, Node> fields = fields(mapping);
    String id = text(fields.get("id"));
    switch (key) {
      case "route" -> {
        boolean hasPolicy =
            fields.containsKey("routeConfigurationId") || fields.containsKey("errorHandler");
        if (!parent.equals("routeTemplate")) {
          addRoute(String.valueOf(id), mapping, from(fields.get("from")), hasPolicy);
        }
      }
      case "templatedRoute" -> addRoute(text(fields.get("routeId")), mapping, null, true);
      case "routeTemplate" -> addParameters(fields.get("parameters"));
      case "rest" -> addRoute("rest " + text(fields.get("path")), mapping, null, true);
      case "routeConfiguration", "route-configuration" -> policies.add(id);
      case "beans" -> beans.add(text(fields.get("name")));
      default -> {}
    }
    if (fields.get("uri") instanceof ScalarNode uri && !NO_ENDPOINTS.contains(key)) {
      addEndpoint(uri, fields.get("parameters"), key);
    }
  }

  /** The endpoint within the process that a route begins with; null: another. */
  private static String from(Node node) {
    if (!(node instanceof MappingNode mapping)) {
      return node == null ? null : Mentions.internal(String.valueOf(text(node)));
    }
    Map<String, Node> fields = fields(mapping);
    if (fields.get("parameters") instanceof MappingNode parameters) {
      each(parameters, (name, value) -> fields.put("parameters." + name, value));
    }
    String uri = String.valueOf(text(fields.get("uri")));
    String named = Mentions.internal(uri);
    return named == null
        ? Mentions.internal(uri + ":" + text(fields.get("parameters.name")))
        : named;
  }

  private void addRoute(String id, Node node, String from, boolean hasPolicy) {
    if (routes.putIfAbsent(id, new Route(place(node), from, hasPolicy)) != null) {
      twice.add(new Mention(id, place(node)));
    }
  }

  private void addParameters(Node list) {
    if (list instanceof SequenceNode parameters) {
      for (Node parameter : parameters.getValue()) {
        if (parameter instanceof MappingNode mapping) {
          ofTemplates.add(text(fields(mapping).get("name")));
        }
      }
    }
  }

  private void addEndpoint(ScalarNode uri, Node parameters, String step) {
    Map<String, String> options = new LinkedHashMap<>();
    if (parameters instanceof MappingNode mapping) {
      each(
          mapping,
          (option, value) -> {
            options.put(option, place(value));
            if (option.equals("name")) {
              call(uri.getValue() + ":" + text(value), step, value);
            }
          });
    }
    endpoints.add(new EndpointUse(uri.getValue(), options, place(uri)));
  }
}
