package io.crmwebhooks.routes;

import io.crmwebhooks.database.Statements;
import io.crmwebhooks.routes.Mentions.Kind;
import io.crmwebhooks.routes.Mentions.Mention;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import io.crmwebhooks.settings.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextReloadStrategy;
import org.apache.camel.spi.ResourceReloadStrategy;

/**
 * Finds errors in the route files before any route starts. Camel tells them one at a time, or only
 * when a change comes that way. The errors are files of another version, calls to missing routes,
 * unknown error policies, beans, properties, components and options, and missing routes of this
 * version.
 */
public final class RouteCheck {
  private static final String OF_ENGINES = "classpath:routes/kafka/*.camel.yaml";
  private static final String TEMPLATES = "classpath:custom/*.camel.yaml";
  private static final String INSTEAD =
      "would end the pipeline when a route file is edited; leave it out, and edit under run --dev";

  private final CamelContext context;
  private final List<RouteFile> shipped;
  private final List<RouteFile> ours;
  private final List<RouteFile> files;
  private final List<String> problems = new ArrayList<>();

  private RouteCheck(
      CamelContext context, List<RouteFile> shipped, List<RouteFile> ours, List<RouteFile> custom) {
    this.context = context;
    this.shipped = shipped;
    this.ours = ours;
    this.files = Stream.concat(ours.stream(), custom.stream()).toList();
  }

  /**
   * Refuses to start routes with problems.
   *
   * @throws StartupException with all of them, a line each
   */
  public static void require(CamelContext context, Settings settings) {
    List<String> problems = problems(context, settings);
    if (!problems.isEmpty()) {
      throw new StartupException("the routes do not start:\n  " + String.join("\n  ", problems));
    }
  }

  /**
   * The problems, each a sentence that begins with file and line; empty when there is none. Of
   * files that are no YAML it says nothing.
   *
   * @param context has the beans and the properties
   */
  public static List<String> problems(CamelContext context, Settings settings) {
    RouteCheck check =
        new RouteCheck(
            context,
            RouteSources.files(context, EngineRoutes.shipped(context, settings) + "," + TEMPLATES),
            RouteSources.files(context, EngineRoutes.present(context, settings)),
            RouteSources.files(context, CustomRoutes.pattern(context, settings)));
    check.reloads();
    check.versions();
    if (!check.problems.isEmpty()) {
      return check.problems; // all else follows from that
    }
    check.calls();
    check.policies();
    check.beans();
    check.placeholders();
    check.statements();
    check.files.forEach(
        file -> file.endpoints().forEach(use -> check.problems.addAll(use.problems(context))));
    check.missing();
    check.files.forEach(file -> check.problems.addAll(TargetRoutes.problems(file)));
    return check.problems;
  }

  /** The ids of the pipeline's own routes, edited or not; those of the user are none. */
  public static Set<String> shippedRoutes(CamelContext context) {
    Set<String> ids = new HashSet<>();
    RouteSources.files(context, EngineRoutes.OURS + "," + OF_ENGINES)
        .forEach(file -> ids.addAll(file.routes().keySet()));
    return ids;
  }

  private void versions() {
    String line = "# crm-webhooks " + Version.text();
    for (RouteFile file : ours) {
      if (file.version() == null) {
        problems.add(
            "%s:1: it bears no version; a route of yours belongs in routes/custom/, one of the pipeline begins with the line '%s'"
                .formatted(file.name(), line));
      } else if (!file.version().equals(Version.text())) {
        problems.add(
            "%s:1: it belongs to version %s, and this is version %s; unpack the whole package again, and bring your edit over (docs/upgrade.md)"
                .formatted(file.name(), file.version(), Version.text()));
      }
    }
  }

  /** Camel would end all routes when a file is edited, and start only a few again. */
  private void reloads() {
    if (context.hasService(ResourceReloadStrategy.class) != null) {
      problems.add("camel.main.routes-reload-enabled " + INSTEAD);
    } else if (context.hasService(ContextReloadStrategy.class) != null) {
      problems.add("camel.main.context-reload-enabled " + INSTEAD);
    }
  }

  private void calls() {
    Set<String> consumed = new HashSet<>();
    files.forEach(file -> consumed.addAll(file.consumed().keySet()));
    each(
        Kind.CALLED,
        name -> consumed.contains(name) ? null : name + " is called, and no route has it");
  }

  private void policies() {
    Set<String> known = new HashSet<>();
    files.forEach(file -> known.addAll(file.policies()));
    each(
        Kind.POLICY,
        name ->
            known.contains(name)
                ? null
                : "routeConfigurationId " + name + " is the id of no routeConfiguration");
  }

  private void beans() {
    Set<String> own = new HashSet<>();
    files.forEach(file -> own.addAll(file.beans()));
    each(
        Kind.BEAN,
        name ->
            own.contains(name) || context.getRegistry().lookupByName(name) != null
                ? null
                : "there is no bean " + name);
  }

  private void placeholders() {
    each(
        Kind.PROPERTY,
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
        Kind.STATEMENT,
        name ->
            Statements.ofThisProcess().exists(name + ".sql")
                ? null
                : "there is no statement sql/" + name + ".sql");
  }

  private void each(Kind kind, UnaryOperator<String> rule) {
    for (RouteFile file : files) {
      for (Mention mention : file.named(kind)) {
        String problem = rule.apply(mention.name());
        if (problem != null) {
          problems.add(mention.place() + ": " + problem);
        }
      }
    }
  }

  /** Every route of this version is there, once, and says what happens when it fails. */
  private void missing() {
    Map<String, RouteFile.Route> present = new TreeMap<>();
    for (RouteFile file : files) {
      file.twice().forEach(again -> tellTwice(again.place(), again.name(), file.routes()));
      file.routes()
          .forEach(
              (id, route) -> {
                if (present.containsKey(id)) {
                  tellTwice(route.place(), id, present);
                }
                present.put(id, route);
              });
    }
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

  private void tellTwice(String place, String id, Map<String, RouteFile.Route> first) {
    problems.add(
        "%s: route %s is defined in %s already".formatted(place, id, first.get(id).place()));
  }
}
