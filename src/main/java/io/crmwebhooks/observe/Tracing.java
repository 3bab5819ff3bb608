package io.crmwebhooks.observe;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;
import org.apache.camel.CamelContext;

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
}
