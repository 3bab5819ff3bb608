package io.crmwebhooks.wiring;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.pipeline.OutsideSteps;
import io.crmwebhooks.pipeline.Subscriptions;
import io.crmwebhooks.pipeline.Trial;
import io.crmwebhooks.routes.CustomRoutes;
import io.crmwebhooks.routes.RouteCheck;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;

/**
 * The user's routes as they are edited, with the pipeline's own around them that dispatch a change,
 * and no other. Nothing is polled, sent or recorded, and no database is asked.
 */
public final class TriedRoutes implements AutoCloseable {
  private static final Set<String> OF_A_DISPATCH =
      Set.of("dispatch-change", "customise-deliveries");

  private final Main camel;
  private final Trial trial;

  private TriedRoutes(Main camel, Subscriptions subscriptions) {
    this.camel = camel;
    this.trial = new Trial(camel.getCamelContext().createProducerTemplate(), subscriptions);
  }

  /**
   * @param webhooks rows of {@code load-webhooks.sql}; without secrets; empty: there is none
   * @param withEffects whether steps are taken that have effects outside
   * @throws StartupException when a route cannot be read or started, with every problem of a start
   */
  public static TriedRoutes start(
      Settings settings, List<Map<String, Object>> webhooks, boolean withEffects) {
    Main camel = new Main();
    try {
      camel.setDefaultPropertyPlaceholderLocation("false");
      camel.setOverrideProperties(IdleRoutes.quiet(settings));
      camel.addMainListener(
          new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport main) {
              CamelContext context = main.getCamelContext();
              main.configure().setRoutesIncludePattern(CustomRoutes.all(context, settings));
              main.configure().setShutdownTimeout(1); // a step that hangs is left behind
              main.configure()
                  .addRoutesBuilder(
                      new RouteBuilder() {
                        @Override
                        public void configure() {
                          from(Trial.START).to(Trial.STEPS);
                        }
                      });
              Set<String> ours = RouteCheck.shippedRoutes(context);
              ((ModelCamelContext) context)
                  .setRouteFilter(
                      route ->
                          ours.contains(route.getId())
                              ? OF_A_DISPATCH.contains(route.getId())
                              : isCalled(route));
              RouteReview.bind(context, settings);
              OutsideSteps.in(context, withEffects);
            }

            @Override
            public void afterConfigure(BaseMainSupport main) {
              RouteCheck.require(main.getCamelContext(), settings);
            }
          });
      camel.start();
      Subscriptions subscriptions =
          camel
              .getCamelContext()
              .getRegistry()
              .lookupByNameAndType("subscriptions", Subscriptions.class);
      if (!webhooks.isEmpty()) {
        subscriptions.load(webhooks);
      }
      return new TriedRoutes(camel, subscriptions);
    } catch (StartupException e) {
      camel.stop();
      throw e;
    } catch (Exception e) {
      camel.stop();
      throw new StartupException("the routes cannot be used: " + e.getMessage(), e);
    }
  }

  /** One that waits for a caller; others would take in what is none of a trial. */
  private static boolean isCalled(RouteDefinition route) {
    return route.getInput().getEndpointUri().startsWith("direct:");
  }

  /** Sees what becomes of a change, within {@code webhooks.customise.timeout}. */
  public Trial.Result attempt(Change change) {
    return trial.of(change);
  }

  @Override
  public void close() {
    camel.stop();
  }
}
