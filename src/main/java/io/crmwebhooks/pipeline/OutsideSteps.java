package io.crmwebhooks.pipeline;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.KameletDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.PollDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.spi.EndpointStrategy;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultInterceptSendToEndpoint;

/**
 * Leaves out the steps of a trial that have an effect outside of it: those that send to, or ask,
 * anything but a component that only computes. The message goes on as it was before the step. Java
 * code of a bean is run as it is. Thread-safe.
 */
public final class OutsideSteps implements InterceptStrategy, EndpointStrategy {
  private static final String SKIPPED = "skippedSteps";

  /** Components that only compute. */
  private static final Set<String> INSIDE =
      Set.of(
          "bean",
          "class",
          "dataformat",
          "datasonnet",
          "freemarker",
          "jolt",
          "json-patch",
          "json-validator",
          "jsonata",
          "jslt",
          "language",
          "log",
          "mustache",
          "mvel",
          "string-template",
          "validator",
          "velocity",
          "xj",
          "xslt",
          "xslt-saxon");

  private final boolean withEffects;

  private OutsideSteps(boolean withEffects) {
    this.withEffects = withEffects;
  }

  /**
   * For the routes of a context, to be called before they are made.
   *
   * @param withEffects whether they are left in, but for calls of routes that the context has not
   */
  public static OutsideSteps in(CamelContext context, boolean withEffects) {
    OutsideSteps steps = new OutsideSteps(withEffects);
    context.getCamelContextExtension().addInterceptStrategy(steps);
    context.getCamelContextExtension().registerEndpointCallback(steps);
    return steps;
  }

  /** Notes on this exchange and its copies which steps are left out. */
  static void note(Exchange exchange) {
    exchange.setProperty(SKIPPED, new ConcurrentSkipListSet<String>());
  }

  /** The steps that were left out, each a place in a file and where it leads. */
  @SuppressWarnings("unchecked")
  static List<String> skipped(Exchange exchange) {
    return List.copyOf(new TreeSet<>(exchange.getProperty(SKIPPED, Collection.class)));
  }

  @Override
  public Processor wrapProcessorInInterceptors(
      CamelContext context, NamedNode step, Processor target, Processor next) {
    String uri = uri(step);
    if (uri == null || !isOutside(context, step, context.resolvePropertyPlaceholders(uri))) {
      return target;
    }
    String note = "%s: %s".formatted(StepPlace.text(step), uri.replaceFirst("\\?.*", ""));
    return new AsyncProcessorSupport() {
      @Override
      @SuppressWarnings("unchecked")
      public boolean process(Exchange exchange, AsyncCallback callback) {
        exchange.getProperty(SKIPPED, Collection.class).add(note);
        callback.done(true);
        return true;
      }
    };
  }

  /** Null of a step that has none. */
  private static String uri(NamedNode step) {
    if (step instanceof EndpointRequiredDefinition sends) {
      return sends.getEndpointUri();
    }
    if (step instanceof ToDynamicDefinition sends) {
      return sends.getUri();
    }
    if (step instanceof KameletDefinition kamelet) {
      return "kamelet:" + kamelet.getName();
    }
    return step instanceof EnrichDefinition || isOfMany(step)
        ? ((ExpressionNode) step).getExpression().getExpression()
        : null;
  }

  private static boolean isOfMany(NamedNode step) {
    return step instanceof PollEnrichDefinition
        || step instanceof RecipientListDefinition<?>
        || step instanceof RoutingSlipDefinition<?>
        || step instanceof DynamicRouterDefinition<?>;
  }

  private boolean isOutside(CamelContext context, NamedNode step, String uri) {
    String scheme = scheme(uri);
    if (scheme.equals("direct") || scheme.equals("seda")) {
      return !isHere(context, uri);
    }
    return !withEffects
        && (isOfMany(step)
            || step instanceof PollDefinition
            || step instanceof WireTapDefinition<?>
            || !INSIDE.contains(scheme));
  }

  private static boolean isHere(CamelContext context, String uri) {
    for (RouteDefinition route : ((ModelCamelContext) context).getRouteDefinitions()) {
      if (plain(route.getInput().getEndpointUri()).equals(plain(uri))) {
        return true;
      }
    }
    return false;
  }

  private static String plain(String uri) {
    return uri.replaceFirst("\\?.*", "").replace("://", ":");
  }

  private static String scheme(String uri) {
    int end = uri.indexOf(':');
    return end < 0 ? uri : uri.substring(0, end);
  }

  /** A message that is sent otherwise than by a step, as by an error handler, goes nowhere. */
  @Override
  public Endpoint registerEndpoint(String uri, Endpoint endpoint) {
    if (endpoint instanceof DefaultEndpoint settable) {
      settable.setLazyStartProducer(true); // else some connect at the start
    }
    String scheme = scheme(uri);
    return withEffects || scheme.equals("direct") || INSIDE.contains(scheme)
        ? endpoint
        : new DefaultInterceptSendToEndpoint(endpoint, true);
  }
}
