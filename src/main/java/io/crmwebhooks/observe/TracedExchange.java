package io.crmwebhooks.observe;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.engine.DefaultTracer;
import org.apache.camel.spi.ExchangeFormatter;

/**
 * The text that Camel logs for an exchange of traced routes ({@code camel.main.tracing}): the names
 * of its headers and the type of its body, but no content. That may be a secret, as in a request to
 * the API or in a webhook's headers, or somebody's record.
 */
final class TracedExchange implements ExchangeFormatter {
  /** To be called before Camel is configured. */
  static void install(CamelContext context) {
    DefaultTracer tracer = new DefaultTracer();
    tracer.setCamelContext(context);
    tracer.setExchangeFormatter(new TracedExchange());
    context.setTracer(tracer);
  }

  @Override
  public String format(Exchange exchange) {
    Message message = exchange.getMessage();
    return "exchange=%s headers=%s body=%s"
        .formatted(
            exchange.getExchangeId(),
            new TreeSet<>(message.getHeaders().keySet()),
            describe(message.getBody()));
  }

  private static String describe(Object body) {
    if (body == null) {
      return "none";
    }
    boolean isNamed = body instanceof Change || body instanceof Delivery;
    return isNamed ? body.toString() : body.getClass().getSimpleName();
  }
}
