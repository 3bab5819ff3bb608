package io.crmwebhooks.observe;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.http.FailureReason;
import io.crmwebhooks.pipeline.Batch;
import io.crmwebhooks.pipeline.Carried;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.engine.DefaultTracer;
import org.apache.camel.spi.ExchangeFormatter;
import org.apache.camel.telemetry.Span;
import org.apache.camel.telemetry.decorators.DirectSpanDecorator;

/**
 * Gives Camel's tracing component its tracer, set up by the standard environment of OpenTelemetry
 * ({@code OTEL_*}), which may override the defaults here. Nothing refers to this class while
 * tracing is off, so that its libraries need not be there.
 *
 * <p>Source: https://opentelemetry.io/docs/languages/java/configuration/
 */
final class Tracing {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "otel.service.name", "crm-webhooks",
          "otel.exporter.otlp.protocol", "http/protobuf",
          "otel.metrics.exporter", "none",
          "otel.logs.exporter", "none");

  private Tracing() {}

  /**
   * To be called before Camel is configured.
   *
   * @return the handle that exports the rest and ends the exporter
   */
  static AutoCloseable start(CamelContext context) {
    OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .addPropertiesSupplier(() -> DEFAULTS)
            .disableShutdownHook()
            .build()
            .getOpenTelemetrySdk();
    context.getRegistry().bind(Tracer.class.getName(), sdk.getTracer("crm-webhooks"));
    context.getRegistry().bind(ContextPropagators.class.getName(), sdk.getPropagators());
    return sdk;
  }

  /**
   * The text that Camel logs for an exchange of traced routes ({@code camel.main.tracing}): the
   * names of its headers and the type of its body, but no content. That may be a secret, as in a
   * request to the API or in a webhook's headers, or somebody's record.
   */
  static final class TracedExchange implements ExchangeFormatter {
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

  /**
   * Says in a span which delivery it is about and what came of it. Camel's own text about a failure
   * repeats the target URL, which may hold a secret. Found by Camel's tracing component through
   * {@code META-INF/services}, and by nobody else. Thread-safe.
   */
  public static final class DeliverySpan extends DirectSpanDecorator {
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
      return begun == null && exchange.getMessage().getBody() instanceof Delivery owed
          ? owed
          : begun;
    }
  }
}
