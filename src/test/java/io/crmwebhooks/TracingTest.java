package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Traces as OpenTelemetry's own environment has them exported; here the exporter is a list. */
class TracingTest {
  private static final String ENABLED = "webhooks.tracing.enabled";
  private static final String PROPAGATE = "webhooks.tracing.propagate";

  @BeforeEach
  void exportToMemory() {
    System.setProperty("otel.traces.exporter", "memory");
    System.setProperty("otel.bsp.schedule.delay", "50");
    MemorySpans.forget();
  }

  @AfterEach
  void exportNowhere() {
    System.clearProperty("otel.traces.exporter");
    System.clearProperty("otel.bsp.schedule.delay");
  }

  @Test
  void a_batch_is_one_trace_from_its_dispatch_to_the_answers_and_the_record() {
    try (PipelineFixture pipeline =
            new PipelineFixture(ENABLED, "true", PROPAGATE, "true").start();
        TestReceiver receiver = TestReceiver.answering(200)) {
      UUID webhook = pipeline.webhook(receiver.url("/?token=hidden"));
      pipeline.sql(
          "INSERT INTO webhooks.change (event, record) VALUES ('person.created', '{}'), ('person.created', '{}')");
      soon().until(() -> spans("settle-batch").size() == 2);
      List<SpanData> all = MemorySpans.spans();
      assertThat(all).extracting(SpanData::getTraceId).containsOnly(all.get(0).getTraceId());
      assertThat(spans("dispatch-changes"))
          .anyMatch(span -> !span.getParentSpanContext().isValid());
      assertThat(spans("post-signed-webhook"))
          .isNotEmpty()
          .allMatch(span -> webhook.toString().equals(tag(span, "webhook")))
          .allMatch(span -> "person.created".equals(tag(span, "event")));
      assertThat(receiver.received())
          .hasSize(2)
          .allMatch(
              request -> request.headers().get("traceparent").contains(all.get(0).getTraceId()));
      assertThat(all.toString()).doesNotContain("hidden");
    }
  }

  @Test
  void a_failed_attempt_says_why_in_its_span_and_not_where_it_was_sent() {
    try (PipelineFixture pipeline = new PipelineFixture(ENABLED, "true").start();
        TestReceiver receiver = TestReceiver.answering(500)) {
      pipeline.webhook(receiver.url("/?token=hidden"));
      pipeline.change("person.created", "{}");
      soon()
          .until(
              () ->
                  spans("post-signed-webhook").stream()
                      .anyMatch(span -> span.getStatus().getStatusCode() == StatusCode.ERROR));
      assertThat(spans("post-signed-webhook")).anyMatch(s -> "HTTP 500".equals(tag(s, "reason")));
      soon().until(() -> spans("settle-batch").size() == 2);
      assertThat(MemorySpans.spans().toString()).doesNotContain("hidden", "127.0.0.1");
      assertThat(receiver.received().get(0).headers()).doesNotContainKey("traceparent");
    }
  }

  @Test
  void nothing_is_traced_or_sent_unless_it_is_asked_for() {
    try (PipelineFixture pipeline = new PipelineFixture(PROPAGATE, "true").start();
        TestReceiver receiver = TestReceiver.answering(200)) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery") == 1);
      assertThat(receiver.received().get(0).headers()).doesNotContainKey("traceparent");
      assertThat(MemorySpans.spans()).isEmpty();
    }
  }

  private static List<SpanData> spans(String route) {
    return MemorySpans.spans().stream().filter(span -> span.getName().contains(route)).toList();
  }

  private static String tag(SpanData span, String name) {
    return span.getAttributes().get(AttributeKey.stringKey(name));
  }
}
