package io.crmwebhooks.observe;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.http.FailureReason;
import io.crmwebhooks.pipeline.Batch;
import io.crmwebhooks.pipeline.Carried;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.telemetry.Span;
import org.apache.camel.telemetry.decorators.DirectSpanDecorator;

/**
 * Says in a span which delivery it is about and what came of it. Camel's own text about a failure
 * repeats the target URL, which may hold a secret. Found by Camel's tracing component through
 * {@code META-INF/services}, and by nobody else. Thread-safe.
 */
public final class DeliverySpan extends DirectSpanDecorator {
  @Override
  public void beforeTracingEvent(Span span, Exchange exchange, Endpoint endpoint) {
    super.beforeTracingEvent(span, exchange, endpoint);
    Delivery delivery = deliveryOf(exchange);
    Batch batch = Carried.BATCH.of(exchange);
    if (delivery != null) {
      span.setTag("delivery", delivery.id());
      span.setTag("webhook", delivery.webhook().id().toString());
      span.setTag("event", delivery.change().getEvent());
      span.setTag("attempt", Integer.toString(delivery.attemptNumber()));
    } else if (batch != null) {
      span.setTag("changes", Integer.toString(batch.changes().size()));
    }
  }

  @Override
  public void afterTracingEvent(Span span, Exchange exchange) {
    Exception failure = exchange.getException();
    Integer status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
    if (failure != null) {
      span.setError(true);
      span.setTag("reason", FailureReason.of(failure));
    } else if (status != null) {
      span.setTag("status", status.toString());
    }
  }

  /** From its first step on the exchange carries it as a property. */
  private static Delivery deliveryOf(Exchange exchange) {
    Delivery begun = Carried.DELIVERY.of(exchange);
    return begun == null && exchange.getMessage().getBody() instanceof Delivery owed ? owed : begun;
  }
}
