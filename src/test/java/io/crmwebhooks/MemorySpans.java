package io.crmwebhooks;

import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.traces.ConfigurableSpanExporterProvider;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.List;

/** The exporter for {@code OTEL_TRACES_EXPORTER=memory} in tests. */
public final class MemorySpans implements ConfigurableSpanExporterProvider {
  private static volatile InMemorySpanExporter last = InMemorySpanExporter.create();

  /** The spans of the last pipeline that traces. */
  static List<SpanData> spans() {
    return last.getFinishedSpanItems();
  }

  static void forget() {
    last = InMemorySpanExporter.create();
  }

  /** A new one each time: with a pipeline its exporter ends. */
  @Override
  public SpanExporter createExporter(ConfigProperties config) {
    forget();
    return last;
  }

  @Override
  public String getName() {
    return "memory";
  }
}
