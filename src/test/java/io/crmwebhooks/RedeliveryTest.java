package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestReceiver.Received;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What happens to a delivery that does not succeed at once. */
class RedeliveryTest {
  private static final String SCHEDULE = "webhooks.delivery.retry-schedule";
  private static final String TIMEOUT = "webhooks.delivery.timeout";

  @Test
  void retries_by_the_schedule_with_the_same_bytes_and_id_and_a_fresh_signature() {
    AtomicInteger count = new AtomicInteger();
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) ->
                    respond(exchange, count.incrementAndGet() < 3 ? 500 : 200, "n\0o"));
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1100ms,50ms").start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{\"n\":1}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      List<Received> attempts = receiver.received();
      assertThat(attempts).hasSize(3);
      assertThat(attempts.stream().map(Received::text).distinct()).hasSize(1);
      assertThat(attempts.stream().map(Received::id).distinct()).hasSize(1);
      assertThat(attempts.stream().map(a -> a.headers().get("x-twenty-webhook-nonce")).distinct())
          .hasSize(3);
      assertThat(attempts.get(1).headers().get("webhook-timestamp"))
          .isNotEqualTo(attempts.get(0).headers().get("webhook-timestamp"));
      assertThat(attempts.get(1).headers().get("webhook-signature"))
          .isNotEqualTo(attempts.get(0).headers().get("webhook-signature"));
      assertThat(
              pipeline.sql(
                  "SELECT number, status, error, response FROM webhooks.attempt ORDER BY number"))
          .extracting(
              row ->
                  row.get("number")
                      + " "
                      + row.get("status")
                      + " "
                      + row.get("error")
                      + " "
                      + row.get("response"))
          .containsExactly("1 500 HTTP 500 n\uFFFDo", "2 500 HTTP 500 n\uFFFDo", "3 200 null null");
      assertThat(
              pipeline.sql("SELECT attempts, status, error, due_at FROM webhooks.delivery").get(0))
          .containsEntry("attempts", 3)
          .containsEntry("status", 200)
          .containsEntry("error", null)
          .containsEntry("due_at", null);
    }
  }

  @Test
  void parks_a_dead_letter_when_the_schedule_is_spent() {
    try (TestReceiver receiver = TestReceiver.answering(503);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "30ms,30ms").start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 1);
      assertThat(receiver.received()).hasSize(3);
      assertThat(pipeline.sql("SELECT attempts, status, error FROM webhooks.delivery").get(0))
          .containsEntry("attempts", 3)
          .containsEntry("status", 503)
          .containsEntry("error", "HTTP 503");
    }
  }

  @Test
  void a_failed_delivery_is_due_again_by_the_first_delay_give_or_take_the_jitter() {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "100s").start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 50);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 50);
      assertThat(
              pipeline.sql(
                  "SELECT extract(epoch FROM due_at - attempted_at)::float8 AS wait FROM webhooks.delivery"))
          .allSatisfy(row -> assertThat((Double) row.get("wait")).isBetween(79.0, 125.0))
          .extracting(row -> Math.round((Double) row.get("wait")))
          .satisfies(waits -> assertThat(waits.stream().distinct().count()).isGreaterThan(5));
    }
  }

  @Test
  void a_redirect_is_a_failure_and_not_followed() {
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  exchange.getResponseHeaders().add("Location", "/elsewhere");
                  respond(exchange, 307, "");
                });
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == 1);
      assertThat(receiver.received()).extracting(Received::path).containsExactly("/");
      assertThat((String) pipeline.value("SELECT error FROM webhooks.attempt"))
          .contains("307")
          .contains("redirect");
    }
  }

  @Test
  void a_response_that_trickles_in_for_ever_fails_at_the_deadline() {
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  exchange.sendResponseHeaders(200, 0);
                  CountDownLatch never = new CountDownLatch(1);
                  try {
                    while (!never.await(50, TimeUnit.MILLISECONDS)) {
                      exchange.getResponseBody().write('x');
                      exchange.getResponseBody().flush();
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        PipelineFixture pipeline = new PipelineFixture(TIMEOUT, "700ms").start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == 1);
      Map<String, Object> attempt =
          pipeline.sql("SELECT duration_ms, error FROM webhooks.attempt").get(0);
      assertThat((Integer) attempt.get("duration_ms")).isBetween(690, 3000);
      assertThat((String) attempt.get("error"))
          .isEqualTo("timeout after 700 ms while reading the response");
    }
  }

  @Test
  void an_endless_response_is_cut_and_a_success_all_the_same() {
    byte[] block = new byte[64 * 1024];
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  exchange.getResponseHeaders().add("Content-Encoding", "gzip");
                  exchange.getResponseHeaders().add("Content-Type", "text/plain; charset=nonsense");
                  exchange.sendResponseHeaders(200, 0);
                  for (int i = 0; i < 16_000; i++) { // a gigabyte, unless somebody hangs up
                    exchange.getResponseBody().write(block);
                  }
                });
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      assertThat(pipeline.sql("SELECT attempts, status, error FROM webhooks.delivery").get(0))
          .containsEntry("attempts", 1)
          .containsEntry("status", 200)
          .containsEntry("error", null);
    }
  }

  @Test
  void keeps_at_most_two_kilobytes_of_a_response() {
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> respond(exchange, 500, "ü".repeat(50_000)));
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == 1);
      assertThat((String) pipeline.value("SELECT response FROM webhooks.attempt"))
          .isEqualTo("ü".repeat(1024));
    }
  }

  @Test
  void says_in_words_that_nobody_listens() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    try (PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook("http://127.0.0.1:" + port + "/");
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == 1);
      assertThat((String) pipeline.value("SELECT error FROM webhooks.attempt"))
          .startsWith("the connection was refused");
    }
  }

  @Test
  void a_silent_webhook_holds_up_no_other_one_and_is_never_sent_more_than_its_concurrency() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger waiting = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (TestReceiver silent =
            TestReceiver.answering(
                (request, exchange) -> {
                  most.accumulateAndGet(waiting.incrementAndGet(), Math::max);
                  try {
                    never.await(40, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        TestReceiver healthy = TestReceiver.answering(200);
        PipelineFixture pipeline =
            new PipelineFixture(
                    TIMEOUT,
                    "30s",
                    "webhooks.shutdown.timeout",
                    "1s",
                    "webhooks.delivery.concurrency",
                    "8")
                .start()) {
      pipeline.webhook(silent.url("/"));
      pipeline.webhook(healthy.url("/"));
      pipeline.changes("person.created", 3000);
      soon().atMost(15, TimeUnit.SECONDS).until(() -> healthy.received().size() == 3000);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 3000);
      assertThat(pipeline.count("change_queue")).isZero();
      assertThat(most.get()).isBetween(1, 8);
    }
  }

  @Test
  void what_a_dead_process_had_claimed_is_taken_over_when_its_beats_are_missed() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture("webhooks.node.heartbeat", "100ms")) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 10);
      pipeline.sql(
          "INSERT INTO webhooks.node (id, seen_at) OVERRIDING SYSTEM VALUE VALUES (99, now())");
      pipeline.sql(
          "UPDATE webhooks.change_queue SET node = 99, lease_until = now() + interval '1 hour'");
      pipeline.start();
      soon().until(() -> receiver.received().size() == 10);
      assertThat(pipeline.count("node WHERE id = 99")).isZero();
    }
  }

  @Test
  void a_claim_whose_lease_has_ended_is_taken_over() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 10);
      pipeline.sql(
          "UPDATE webhooks.change_queue SET node = 99, lease_until = now() - interval '1 second'");
      pipeline.start();
      soon().until(() -> receiver.received().size() == 10);
    }
  }

  @Test
  void a_batch_repeated_after_a_crash_repeats_the_id_and_records_it_once() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery") == 1);
      pipeline.sql("INSERT INTO webhooks.change_queue (id) SELECT id FROM webhooks.change");
      soon().until(() -> pipeline.count("change_queue") == 0);
      assertThat(receiver.received()).hasSize(2);
      assertThat(receiver.received().stream().map(r -> r.id() + r.text()).distinct()).hasSize(1);
      assertThat(pipeline.count("delivery")).isEqualTo(1);
    }
  }

  @Test
  void the_customised_body_is_kept_for_later_attempts() {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "30ms,1h").start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{\"secret\":1}");
      soon().until(() -> pipeline.count("attempt") == 2);
      pipeline.sql(
          "UPDATE webhooks.delivery SET body = '{\"kept\":true}', due_at = now() WHERE subscription_id = ?",
          webhook);
      soon().until(() -> receiver.received().size() == 3);
      assertThat(receiver.received().get(2).text()).isEqualTo("{\"kept\":true}");
    }
  }

  @Test
  void pending_deliveries_of_a_removed_webhook_are_cancelled() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h").start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 1);
      assertThat(pipeline.remove(webhook)).isTrue();
      assertThat(pipeline.remove(webhook)).isFalse();
      assertThat(pipeline.sql("SELECT state, error FROM webhooks.delivery").get(0))
          .containsEntry("state", "cancelled")
          .containsEntry("error", "the webhook was deleted");
    }
  }

  @Test
  void stopping_finishes_what_is_in_flight_and_gives_back_the_rest() {
    CountDownLatch answer = new CountDownLatch(1);
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  try {
                    answer.await(10, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  respond(exchange, 200, "");
                });
        PipelineFixture pipeline =
            new PipelineFixture("webhooks.shutdown.timeout", "1s", "webhooks.poll.batch-size", "1")
                .start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 30);
      soon().until(() -> receiver.received().size() >= 4);
      pipeline.stop();
      assertThat(pipeline.count("change_queue WHERE node IS NOT NULL")).isZero();
      assertThat(pipeline.count("delivery WHERE state = 'pending' AND due_at > now()")).isZero();
      assertThat(pipeline.count("node")).isZero();
      answer.countDown();
      pipeline.start();
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 30);
    }
  }
}
