package io.crmwebhooks.routes;

import io.crmwebhooks.database.Statements;
import io.crmwebhooks.settings.StartupException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/**
 * Finds errors in the route files before any route starts. Camel tells them one at a time, or only
 * when a change comes that way. The errors are calls to missing routes, unknown error policies,
 * beans and properties, and missing routes of this version.
 */
public final class RouteCheck {
  private static final String OURS = "classpath:routes/*.camel.yaml";
  private static final String SHIPPED = OURS + ",classpath:custom/*.camel.yaml";

  private final CamelContext context;
  private final List<RouteFile> files;
  private final List<RouteFile> shipped;
  private final List<String> problems = new ArrayList<>();

  private RouteCheck(CamelContext context, List<RouteFile> files, List<RouteFile> shipped) {
    this.context = context;
    this.files = files;
    this.shipped = shipped;
  }

  /**
   * Refuses to start routes with problems.
   *
   * @throws StartupException with all of them, a line each
   */
  public static void require(CamelContext context, String pattern) {
    List<String> problems = problems(context, pattern);
    if (!problems.isEmpty()) {
      throw new StartupException("the routes do not start:\n  " + String.join("\n  ", problems));
    }
  }

  /**
   * The problems, each a sentence that begins with file and line; empty when there is none.
   *
   * @param context has the beans and the properties
   * @param pattern where the routes are read from, such as {@code file:routes/*.camel.yaml}
   */
  static List<String> problems(CamelContext context, String pattern) {
    RouteCheck check = new RouteCheck(context, read(context, pattern), read(context, SHIPPED));
    check.calls();
    check.policies();
    check.beans();
    check.placeholders();
    check.statements();
    check.missing();
    return check.problems;
  }

  /** The ids of the pipeline's own routes, edited or not; those of the user are none. */
  public static Set<String> shippedRoutes(CamelContext context) {
    Set<String> ids = new HashSet<>();
    read(context, OURS).forEach(file -> ids.addAll(file.routes().keySet()));
    return ids;
  }

  /** The files of some patterns, separated by commas, by name. */
  static List<RouteFile> read(CamelContext context, String patterns) {
    List<RouteFile> files = new ArrayList<>();
    var resolver = PluginHelper.getPackageScanResourceResolver(context);
    try {
      for (String pattern : patterns.split(",")) {
        for (Resource resource : resolver.findResources(pattern)) {
          if (resource.getLocation().matches(".*\\.ya?ml")) {
            files.add(RouteFile.read(resource));
          }
        }
      }
    } catch (Exception e) {
      throw new IllegalStateException("the route files cannot be read: " + e.getMessage(), e);
    }
    files.sort(Comparator.comparing(RouteFile::name));
    return files;
  }

  private void calls() {
    Set<String> consumed = new HashSet<>();
    files.forEach(file -> consumed.addAll(file.consumed()));
    each(
        RouteFile::called,
        name -> consumed.contains(name) ? null : name + " is called, and no route has it");
  }

  private void policies() {
    Set<String> known = new HashSet<>();
    files.forEach(file -> known.addAll(file.policies()));
    each(
        RouteFile::policiesNamed,
        name ->
            known.contains(name)
                ? null
                : "routeConfigurationId " + name + " is the id of no routeConfiguration");
  }

  private void beans() {
    Set<String> own = new HashSet<>();
    files.forEach(file -> own.addAll(file.beans()));
    each(
        RouteFile::beansNamed,
        name ->
            own.contains(name) || context.getRegistry().lookupByName(name) != null
                ? null
                : "there is no bean " + name);
  }

  private void placeholders() {
    each(
        RouteFile::placeholders,
        name -> {
          try {
            context.resolvePropertyPlaceholders("{{" + name + "}}");
            return null;
          } catch (IllegalArgumentException e) {
            return "{{" + name + "}} is no property";
          }
        });
  }

  private void statements() {
    each(
        RouteFile::statements,
        name ->
            Statements.ofThisProcess().exists(name + ".sql")
                ? null
                : "there is no statement sql/" + name + ".sql");
  }

  private void each(
      Function<RouteFile, List<RouteFile.Mention>> mentions, UnaryOperator<String> rule) {
    for (RouteFile file : files) {
      for (RouteFile.Mention mention : mentions.apply(file)) {
        String problem = rule.apply(mention.name());
        if (problem != null) {
          problems.add(mention.place() + ": " + problem);
        }
      }
    }
  }

  /** Every route of this version is there and says what happens when it fails. */
  private void missing() {
    Map<String, RouteFile.Route> present = new TreeMap<>();
    files.forEach(file -> present.putAll(file.routes()));
    for (RouteFile file : shipped) {
      List<String> gone =
          file.routes().keySet().stream().filter(id -> !present.containsKey(id)).toList();
      if (!gone.isEmpty()) {
        problems.add(
            "%s: %s %s missing; a route that is not wanted stays, with autoStartup: false"
                .formatted(file.name(), String.join(", ", gone), gone.size() == 1 ? "is" : "are"));
      }
      file.routes()
          .forEach(
              (id, route) -> {
                RouteFile.Route edited = present.get(id);
                if (route.hasPolicy() && edited != null && !edited.hasPolicy()) {
                  problems.add(
                      edited.place()
                          + ": route "
                          + id
                          + " has lost its routeConfigurationId or errorHandler");
                }
              });
    }
  }
}
