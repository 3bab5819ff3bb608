package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.LoggingLevel;
import org.apache.camel.Message;
import org.apache.camel.Predicate;
import org.apache.camel.model.LogDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;

/**
 * Takes the deliveries of a change one after the other through the route {@code
 * customise-delivery}, on the exchange of the change, so that the bounds of a change are theirs. As
 * a predicate it says whether that is needed. Thread-safe.
 */
public final class DeliverySteps implements Predicate {
  public static final String ROUTE = "customise-delivery";

  private final Model model;
  private final Owing owing;
  private final int mostBytes;
  private volatile Boolean acts;

  /**
   * @param context has the route when the first change comes, and keeps it
   * @param mostBytes of a body that the route has made
   */
  public DeliverySteps(CamelContext context, Owing owing, int mostBytes) {
    this.model = context.getCamelContextExtension().getContextPlugin(Model.class);
    this.owing = owing;
    this.mostBytes = mostBytes;
  }

  /** Whether the route does anything but log at TRACE. If not, nothing has to go through it. */
  @Override
  public boolean matches(Exchange exchange) {
    if (acts == null) {
      acts = acts(model.getRouteDefinition(ROUTE));
    }
    return acts;
  }

  /** A missing route counts as one that acts: its call then fails, and nothing goes out past it. */
  private static boolean acts(RouteDefinition route) {
    return route == null || !route.getOutputs().stream().allMatch(DeliverySteps::isSilent);
  }

  private static boolean isSilent(ProcessorDefinition<?> step) {
    return step instanceof LogDefinition log
        && LoggingLevel.TRACE.name().equals(log.getLoggingLevel());
  }

  /** Begins with the change in the body, for all webhooks that want it, or that of the replay. */
  public void open(Exchange exchange) {
    Change change = exchange.getMessage().getBody(Change.class);
    ReplayChunk chunk = Carried.CHUNK.of(exchange);
    List<Delivery> owed =
        chunk == null
            ? owing.of(change, Carried.BATCH.of(exchange))
            : owing.again(change, chunk.webhook());
    Carried.OUTGOING.put(exchange, new Outgoing(change, owed));
  }

  /**
   * Makes the next delivery the message; when there is none, the change is the body again. Headers
   * from before are none of a request.
   */
  public static boolean next(Exchange exchange) {
    Outgoing outgoing = Carried.OUTGOING.of(exchange);
    Message message = exchange.getMessage();
    message.removeHeaders("*");
    Delivery delivery = outgoing.next();
    if (delivery == null) {
      message.setBody(outgoing.change());
      return false;
    }
    message.setBody(outgoing.offered());
    message.setHeader(Exchange.CONTENT_TYPE, delivery.webhook().form().contentType());
    message.setHeader(Exchange.HTTP_URI, delivery.webhook().destination().url());
    exchange.setVariable("change", outgoing.change());
    exchange.setVariable("webhook", delivery.webhook().name());
    return true;
  }

  /**
   * Takes the delivery that the message is now.
   *
   * @throws IllegalArgumentException when it cannot be sent so, with route, webhook and reason
   */
  public void take(Exchange exchange) {
    Outgoing outgoing = Carried.OUTGOING.of(exchange);
    Delivery delivery = outgoing.now();
    try {
      outgoing.take(
          SteppedMessage.of(exchange.getMessage(), mostBytes)
              .made(delivery, outgoing.offered(), mostBytes));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException( // the reason of a parked change has the innermost message
          "route %s, webhook %s: %s".formatted(ROUTE, delivery.webhook().id(), e.getMessage()));
    }
  }
}
