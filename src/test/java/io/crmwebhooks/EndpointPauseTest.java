package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.wiring.Pipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The circuit breaker, as the receiver and the tables see it. */
class EndpointPauseTest {
  private static final String FAILURES = "webhooks.endpoint.failures";
  private static final String FIRST = "webhooks.endpoint.first-pause";
  private static final String LONGEST = "webhooks.endpoint.longest-pause";
  private static final String SCHEDULE = "webhooks.delivery.retry-schedule";

  /**
   * @param failures before a pause
   * @param pause the first and the longest
   */
  private static PipelineFixture pausing(
      String failures, String pause, String schedule, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(FAILURES, failures, FIRST, pause, LONGEST, pause, SCHEDULE, schedule));
    all.addAll(List.of(more));
    return new PipelineFixture(all.toArray(String[]::new));
  }

  @OnBothEngines
  void two_processes_probe_a_paused_endpoint_with_one_delivery_at_a_time_and_no_other_is_tried() {
    AtomicBoolean up = new AtomicBoolean();
    AtomicInteger inFlight = new AtomicInteger();
    List<Integer> beside = new CopyOnWriteArrayList<>();
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  beside.add(inFlight.incrementAndGet());
                  takeMillis(20);
                  inFlight.decrementAndGet();
                  respond(exchange, up.get() ? 200 : 503, "");
                });
        PipelineFixture pipeline =
            pausing("10", "300ms", "1s,1s,1s,1s,1s,1s", "webhooks.node.heartbeat", "200ms")
                .start();
        Pipeline another = pipeline.startAnother()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 300);
      soon().until(() -> pipeline.count("undispatched") == 0);
      soon().until(() -> pauses(pipeline) >= 2);
      int pausesBefore = pauses(pipeline);
      int before = receiver.received().size();
      soon().until(() -> pauses(pipeline) >= pausesBefore + 4);
      int probes = receiver.received().size() - before;
      assertThat(probes).isBetween(1, pauses(pipeline) - pausesBefore + 1);
      assertThat(beside.subList(before, before + probes)).containsOnly(1);
      assertThat(pipeline.count("delivery WHERE state = 'pending'")).isEqualTo(300);
      assertThat(pipeline.count("delivery WHERE attempts = 0")).isGreaterThan(150);

      int failed = receiver.received().size() + 1;
      up.set(true);
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 300);
      assertThat(receiver.received().stream().map(Received::id).distinct()).hasSize(300);
      assertThat(pipeline.count("endpoint WHERE failing_since IS NOT NULL")).isZero();
      // Each success lets one attempt more be in flight, in each of the two processes.
      for (int i = failed; i < failed + 20; i++) {
        assertThat(beside.get(i)).isLessThanOrEqualTo(i - failed + 3);
      }
    }
  }

  @Test
  void a_webhook_that_fails_for_too_long_is_disabled_and_goes_on_when_it_is_enabled() {
    AtomicBoolean up = new AtomicBoolean();
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> respond(exchange, up.get() ? 200 : 500, ""));
        PipelineFixture pipeline =
            pausing(
                    "5",
                    "100ms",
                    "1s,1s,1s,1s,1s,1s,1s,1s,1s",
                    "webhooks.endpoint.disable-after",
                    "1s")
                .start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 30);
      soon().until(() -> pipeline.count("subscription WHERE NOT enabled") == 1);
      assertThat(
              (String)
                  pipeline.value(
                      "SELECT disabled_reason FROM webhooks.subscription WHERE id = ?", webhook))
          .matches("no attempt has succeeded since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
      assertThat(pipeline.count("delivery WHERE state = 'pending'")).isEqualTo(30);

      up.set(true);
      assertThat(
              pipeline
                  .api()
                  .post("/rest/webhooks/" + webhook + "/enable", null)
                  .body()
                  .path("failingSince")
                  .isNull())
          .isTrue();
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 30);
    }
  }

  @OnBothEngines
  void a_pause_keeps_the_order_of_a_record() {
    AtomicBoolean up = new AtomicBoolean();
    List<String> accepted = new CopyOnWriteArrayList<>();
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  if (up.get()) {
                    accepted.add(request.id());
                  }
                  respond(exchange, up.get() ? 200 : 503, "");
                });
        PipelineFixture pipeline =
            pausing(
                    "2",
                    "50ms",
                    "100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms,100ms")
                .start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET ordering = 'record' WHERE id = ?", webhook);
      for (int i = 0; i < 20; i++) {
        pipeline.change("person.updated", "{}");
      }
      soon().until(() -> pauses(pipeline) >= 3);
      up.set(true);
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 20);
      assertThat(accepted).hasSize(20).isSorted();
    }
  }

  @Test
  void a_receiver_that_asks_for_time_is_left_alone_until_somebody_resumes_it() {
    AtomicBoolean up = new AtomicBoolean();
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  exchange.getResponseHeaders().add("Retry-After", "3600");
                  respond(exchange, up.get() ? 200 : 503, "");
                });
        PipelineFixture pipeline = new PipelineFixture(FAILURES, "1000").start()) {
      String path = "/rest/webhooks/" + pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon()
          .until(
              () ->
                  pipeline.count("endpoint WHERE paused_until > now() + interval '50 minutes'")
                      == 1);
      JsonNode paused = pipeline.api().get(path).body();
      assertThat(paused.path("pausedUntil").asText()).endsWith("Z");
      assertThat(paused.path("failingSince").asText()).endsWith("Z");
      assertThat(paused.path("pauseReason").asText()).isEqualTo("HTTP 503");
      String failed = paused.path("failedDeliveryId").asText();
      soon().until(() -> pipeline.api().get("/rest/deliveries/" + failed).status() == 200);
      assertThat(paused.path("enabled").asBoolean()).isTrue();
      pipeline.changes("person.created", 20);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 21);
      assertThat(receiver.received()).hasSize(1);

      up.set(true);
      JsonNode resumed = pipeline.api().post(path + "/resume", null).body();
      assertThat(resumed.path("pausedUntil").isNull()).isTrue();
      assertThat(resumed.path("pauseReason").isNull()).isTrue();
      assertThat(resumed.path("failedDeliveryId").isNull()).isTrue();
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 21);
      assertThat(receiver.received()).hasSize(22);
    }
  }

  @Test
  void the_failures_of_a_token_server_are_those_of_the_attempts_and_pause_the_endpoint() {
    try (TestReceiver tokens = TestReceiver.answering(410);
        TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = pausing("10", "1h", "1h").start()) {
      String path = "/rest/webhooks/" + pipeline.webhook(receiver.url("/"));
      pipeline
          .api()
          .patch(
              path,
              "{\"oauth2\":{\"tokenUrl\":\"%s\",\"clientId\":\"me\",\"clientSecret\":\"hush\"}}"
                  .formatted(tokens.url("/")));
      pipeline.changes("person.created", 8); // each counts twice
      soon().until(() -> pipeline.api().get(path).body().hasNonNull("pausedUntil"));
      JsonNode paused = pipeline.api().get(path).body();
      assertThat(paused.path("pauseReason").asText()).isEqualTo("token server: HTTP 410");
      assertThat(paused.path("enabled").asBoolean())
          .as("only its receiver is gone by a 410")
          .isTrue();
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending' AND attempts > 0") >= 5);
      assertThat(
              pipeline.count(
                  "delivery WHERE attempts > 0 AND (status IS NOT NULL OR error <> 'token server: HTTP 410')"))
          .isZero();
      assertThat(receiver.received()).isEmpty();
      assertThat(tokens.received()).as("it is not hammered").hasSizeLessThan(4);
    }
  }

  private static int pauses(PipelineFixture pipeline) {
    return ((Number) pipeline.value("SELECT coalesce(max(pauses), 0) FROM webhooks.endpoint"))
        .intValue();
  }

  private static void takeMillis(int millis) {
    try {
      new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
