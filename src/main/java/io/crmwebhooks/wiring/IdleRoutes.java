package io.crmwebhooks.wiring;

import io.crmwebhooks.admin.TestAttempt;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.observe.Observation;
import io.crmwebhooks.routes.CustomRoutes;
import io.crmwebhooks.routes.RouteCheck;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.time.Clock;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import javax.sql.DataSource;
import org.apache.camel.Route;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;

/**
 * The routes as they are edited, at rest: nothing polls, claims or listens. Only the routes for a
 * test of a webhook run, and those of the user that wait for a caller. So the test is signed and
 * sent as by a pipeline even when none is up.
 */
public final class IdleRoutes implements AutoCloseable {
  private static final List<String> OF_A_TEST =
      List.of("read-webhooks", "load-webhooks", "post-signed-webhook");

  private final Main camel;
  private final TestAttempt testAttempt;

  private IdleRoutes(Main camel, TestAttempt testAttempt) {
    this.camel = camel;
    this.testAttempt = testAttempt;
  }

  /**
   * @throws StartupException when a route cannot be read or started
   */
  public static IdleRoutes start(
      Settings settings, DataSource dataSource, Secrets secrets, Clock clock) {
    Main camel = new Main();
    try {
      camel.setDefaultPropertyPlaceholderLocation("false");
      camel.setOverrideProperties(quiet(settings));
      camel.configure().setRoutesExcludePattern("**/*-serve-*"); // there is no server here
      camel.configure().setAutoStartup(false);
      camel.addMainListener(
          new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport main) {
              main.configure()
                  .setRoutesIncludePattern(CustomRoutes.all(main.getCamelContext(), settings));
              PipelineBeans.bind(
                  main.getCamelContext(),
                  settings,
                  new PipelineBeans.Process(
                      dataSource,
                      secrets,
                      Node.bystander(dataSource),
                      new AttemptCounts(new Sql(dataSource), outcome -> {})),
                  new Observation(settings, new Sql(dataSource)));
            }
          });
      camel.start();
      Set<String> ours = RouteCheck.shippedRoutes(camel.getCamelContext());
      for (Route route : camel.getCamelContext().getRoutes()) {
        boolean isOfUser = !ours.contains(route.getId()) && isCalled(route);
        if (OF_A_TEST.contains(route.getId()) || isOfUser) {
          camel.getCamelContext().getRouteController().startRoute(route.getId());
        }
      }
      return new IdleRoutes(camel, TestAttempt.in(camel.getCamelContext()));
    } catch (Exception e) {
      camel.stop();
      throw new StartupException("the routes cannot be used: " + e.getMessage(), e);
    }
  }

  /** One that waits for a caller; others would take in what is none of a test. */
  private static boolean isCalled(Route route) {
    return route.getEndpoint().getEndpointUri().startsWith("direct:");
  }

  /** The settings for a Camel that neither serves nor is seen. */
  static Properties quiet(Settings settings) {
    Properties properties = settings.properties();
    properties.setProperty("camel.server.enabled", "false");
    properties.setProperty("camel.management.enabled", "false");
    properties.setProperty("camel.metrics.enabled", "false");
    properties.setProperty("camel.opentelemetry2.enabled", "false");
    return properties;
  }

  public TestAttempt testAttempt() {
    return testAttempt;
  }

  @Override
  public void close() {
    camel.stop();
  }
}
