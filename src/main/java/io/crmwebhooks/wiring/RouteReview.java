package io.crmwebhooks.wiring;

import io.crmwebhooks.database.Sql;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.observe.Observation;
import io.crmwebhooks.routes.CustomRoutes;
import io.crmwebhooks.routes.RouteCheck;
import io.crmwebhooks.routes.RouteSources;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Everything for which a start would refuse the route files, at once, without a database and
 * without the network: what {@link RouteCheck} finds, what Camel says of a file when it reads it,
 * and of each route when it makes it. No route is started.
 */
public final class RouteReview {
  private static final Pattern LINE = Pattern.compile("\\bline:? (\\d+)");
  private static final Pattern PLACE = Pattern.compile("(?s)(.+?):(\\d+): .*");

  private final Settings settings;
  private final List<String> problems = new ArrayList<>();
  private List<RouteDefinition> routes = List.of();

  private RouteReview(Settings settings) {
    this.settings = settings;
  }

  /**
   * The problems, each with file and line, in the order of the files.
   *
   * @throws StartupException when not even an empty Camel starts, as with a wrong setting
   */
  public static List<String> problems(Settings settings) {
    RouteReview review = new RouteReview(settings);
    review.look();
    review.problems.sort(Comparator.comparing(RouteReview::file).thenComparing(RouteReview::line));
    return review.problems;
  }

  private void look() {
    Main camel = new Main();
    try {
      camel.setDefaultPropertyPlaceholderLocation("false");
      camel.setOverrideProperties(IdleRoutes.quiet(settings));
      camel.configure().setRoutesCollectorEnabled(false);
      camel.addMainListener(
          new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport main) {
              bind(main.getCamelContext(), settings);
            }

            @Override
            public void afterConfigure(BaseMainSupport main) {
              read(main.getCamelContext());
            }
          });
      camel.start();
      make(camel.getCamelContext());
    } catch (Exception e) {
      throw new StartupException("the routes cannot be looked at: " + e.getMessage(), e);
    } finally {
      camel.stop();
    }
  }

  /** Binds the beans that the routes name, for routes that ask no database. */
  static void bind(CamelContext context, Settings settings) {
    DataSource never = new PGSimpleDataSource();
    Sql sql = new Sql(never);
    PipelineBeans.bind(
        context,
        settings,
        new PipelineBeans.Process(
            never, Secrets.none(), Node.bystander(never), new AttemptCounts(sql, outcome -> {})),
        new Observation(settings, sql));
    for (String ofServer : List.of("api", "consoleFiles")) {
      context.getRegistry().bind(ofServer, (Processor) exchange -> {});
    }
  }

  private void read(CamelContext context) {
    problems.addAll(RouteCheck.problems(context, settings));
    try {
      for (Resource file : RouteSources.find(context, CustomRoutes.all(context, settings))) {
        read(context, file);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    ModelCamelContext model = (ModelCamelContext) context;
    routes = new ArrayList<>(model.getRouteDefinitions());
    try {
      model.removeRouteDefinitions(routes);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void read(CamelContext context, Resource file) {
    try {
      for (RoutesBuilder builder : PluginHelper.getRoutesLoader(context).findRoutesBuilders(file)) {
        if (builder instanceof RouteConfigurationsBuilder policies) {
          context.addRoutesConfigurations(policies);
        }
        context.addRoutes(builder);
      }
    } catch (Exception e) {
      String message = root(e);
      Matcher line = LINE.matcher(message);
      tell(
          RouteSources.pathOf(file.getLocation()),
          line.find() ? Integer.parseInt(line.group(1)) : 1,
          message);
    }
  }

  /** A route in which something was found already would fail for that. */
  private void make(CamelContext context) {
    List<String> before = List.copyOf(problems);
    for (RouteDefinition route : routes) {
      String file = RouteSources.pathOf(String.valueOf(route.getLocation()));
      int end =
          routes.stream()
              .filter(
                  other -> file.equals(RouteSources.pathOf(String.valueOf(other.getLocation()))))
              .mapToInt(RouteDefinition::getLineNumber)
              .filter(line -> line > route.getLineNumber())
              .min()
              .orElse(Integer.MAX_VALUE);
      boolean isFaulty =
          before.stream()
              .filter(problem -> file(problem).equals(file))
              .map(RouteReview::line)
              .anyMatch(line -> line >= route.getLineNumber() && line < end);
      if (!isFaulty && !route.getInput().getEndpointUri().startsWith("platform-http:")) {
        route.setAutoStartup("false");
        try {
          ((ModelCamelContext) context).addRouteDefinition(route);
        } catch (Exception e) {
          tell(file, Math.max(1, route.getLineNumber()), "route " + route.getId() + ": " + root(e));
        }
      }
    }
  }

  private void tell(String file, int line, String problem) {
    problems.add("%s:%d: %s".formatted(file, line, problem));
  }

  private static String root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage().strip();
  }

  private static String file(String problem) {
    Matcher place = PLACE.matcher(problem);
    return place.matches() ? place.group(1) : problem;
  }

  private static int line(String problem) {
    Matcher place = PLACE.matcher(problem);
    return place.matches() ? Integer.parseInt(place.group(2)) : 0;
  }
}
