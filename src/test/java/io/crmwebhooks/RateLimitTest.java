package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.wiring.Pipeline;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Webhooks that may be sent to at a rate only. */
class RateLimitTest {
  private static final int DELIVERIES = 120;
  private static final int RATE = 40;

  @OnBothEngines
  void two_processes_keep_a_rate_limit_together_and_drop_nothing() {
    List<Long> nanos = new CopyOnWriteArrayList<>();
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  nanos.add(System.nanoTime());
                  respond(exchange, 200, "");
                });
        PipelineFixture pipeline = new PipelineFixture().start();
        Pipeline another = pipeline.startAnother()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET rate_limit = ? WHERE id = ?", RATE, webhook);
      pipeline.changes("person.created", DELIVERIES);
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == DELIVERIES);
      assertThat(receiver.received().stream().map(Received::id).distinct()).hasSize(DELIVERIES);
      assertThat(receiver.received()).hasSize(DELIVERIES);
      Duration took = Duration.ofNanos(nanos.get(DELIVERIES - 1) - nanos.get(0));
      Duration exact = Duration.ofMillis(1000L * (DELIVERIES - 1) / RATE);
      // The first may come late, and a little of what was not used is made up for.
      assertThat(took).isGreaterThan(exact.minusMillis(300)).isLessThan(exact.multipliedBy(2));
    }
  }

  @Test
  void a_limit_next_to_nothing_stops_no_other_webhook() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        TestReceiver other = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      UUID slow = pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET rate_limit = 1e-300 WHERE id = ?", slow);
      UUID quick = pipeline.webhook(other.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET rate_limit = 100 WHERE id = ?", quick);
      pipeline.changes("person.created", 10);
      soon().until(() -> other.received().size() == 10);
      soon().until(() -> receiver.received().size() == 1);
    }
  }

  @Test
  void a_limit_that_is_taken_off_holds_no_longer() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET rate_limit = 0.01 WHERE id = ?", webhook);
      pipeline.changes("person.created", 10);
      soon().until(() -> receiver.received().size() == 1);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 9);
      String path = "/rest/webhooks/" + webhook;
      assertThat(pipeline.api().get(path).body().path("rateLimit").asDouble()).isEqualTo(0.01);
      pipeline.api().patch(path, "{\"rateLimit\":null}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 10);
    }
  }
}
