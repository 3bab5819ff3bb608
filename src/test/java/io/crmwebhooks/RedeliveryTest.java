package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestReceiver.Received;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The fate of a delivery that does not succeed at once. */
class RedeliveryTest {
  private static final String SCHEDULE = "webhooks.delivery.retry-schedule";

  @Test
  @OnPostgresql("its changes are of one batch")
  void after_a_410_nothing_more_is_sent_until_the_webhook_is_enabled_again() {
    AtomicInteger status = new AtomicInteger(410);
    try (TestReceiver receiver =
            TestReceiver.answering((request, exchange) -> respond(exchange, status.get(), ""));
        PipelineFixture pipeline = new PipelineFixture("webhooks.dispatch.lanes", "4").start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 200);
      soon().until(() -> pipeline.count("delivery WHERE state = 'cancelled'") == 200);
      assertThat(receiver.received()).hasSizeBetween(1, 4);
      assertThat(pipeline.count("delivery WHERE error LIKE '%410%'")).isEqualTo(200);
      assertThat(pipeline.count("attempt")).isEqualTo(receiver.received().size());
      status.set(200);
      pipeline.sql("UPDATE webhooks.subscription SET enabled = true WHERE id = ?", webhook);
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
    }
  }

  @OnBothEngines
  void a_410_disables_the_webhook_and_cancels_what_is_pending_for_it_and_nothing_else() {
    try (TestReceiver gone = TestReceiver.answeringInTurn(500, 410);
        TestReceiver other = TestReceiver.answering(500);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h").start()) {
      UUID webhook = pipeline.webhook(gone.url("/"));
      pipeline.webhook(other.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 2);
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'cancelled'") == 2);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 2);
      assertThat(
              pipeline.sql(
                  "SELECT enabled, disabled_at IS NOT NULL AS dated, disabled_reason"
                      + " FROM webhooks.subscription WHERE id = ?",
                  webhook))
          .containsExactly(
              Map.of(
                  "enabled",
                  false,
                  "dated",
                  true,
                  "disabled_reason",
                  "the receiver answered HTTP 410 (Gone)"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 3);
      assertThat(gone.received()).hasSize(2);
      pipeline.sql("UPDATE webhooks.subscription SET enabled = true WHERE id = ?", webhook);
      assertThat(
              pipeline.value(
                  "SELECT disabled_reason FROM webhooks.subscription WHERE id = ?", webhook))
          .isNull();
    }
  }

  @OnBothEngines
  void retries_by_the_schedule_with_the_same_bytes_and_id_and_a_fresh_signature() {
    AtomicInteger count = new AtomicInteger();
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) ->
                    respond(exchange, count.incrementAndGet() < 3 ? 500 : 200, "n\0o"));
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1300ms,50ms").start()) {
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
  void a_webhook_with_a_timeout_and_a_schedule_of_its_own_is_tried_by_them() {
    try (TestReceiver receiver = TestReceiver.answering((request, exchange) -> neverAnswer());
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h").start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.sql(
          "UPDATE webhooks.subscription SET timeout = '300ms', retry_schedule = '20ms' WHERE id ="
              + " ?",
          webhook);
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 1);
      assertThat(pipeline.sql("SELECT error FROM webhooks.attempt"))
          .hasSize(2)
          .extracting(row -> row.get("error"))
          .containsOnly("timeout after 300 ms while waiting for the response");
    }
  }

  private static void neverAnswer() {
    try {
      new CountDownLatch(1).await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_failed_delivery_is_due_again_by_the_first_delay_give_or_take_the_jitter() {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline =
            new PipelineFixture(SCHEDULE, "100s", "webhooks.endpoint.failures", "0").start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 50);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 50);
      assertThat(
              pipeline.sql(
                  "SELECT extract(epoch FROM due_at - attempted_at)::float8 AS wait FROM"
                      + " webhooks.delivery"))
          .allSatisfy(row -> assertThat((Double) row.get("wait")).isBetween(79.0, 125.0))
          .extracting(row -> Math.round((Double) row.get("wait")))
          .satisfies(waits -> assertThat(waits.stream().distinct().count()).isGreaterThan(5));
    }
  }

  @Test
  void a_claim_of_due_deliveries_takes_no_more_into_memory_than_the_setting_allows() {
    CountDownLatch claimed = new CountDownLatch(1);
    try (TestReceiver receiver = TestReceiver.answeringAfter(claimed);
        PipelineFixture pipeline = new PipelineFixture("webhooks.poll.batch-bytes", "2500")) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      for (int i = 0; i < 6; i++) {
        pipeline.change("person.created", "{\"pad\":\"" + "x".repeat(990) + "\"}");
      }
      pipeline.sql("DELETE FROM webhooks.change_queue");
      pipeline.sql(
          "INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at) "
              + "SELECT id, CAST(? AS uuid), 'pending', now() FROM webhooks.change",
          webhook.toString());
      pipeline.start();
      // Three of a good 1000 bytes reach over 2500, and what is in flight to the webhook counts.
      soon().until(() -> pipeline.count("delivery WHERE due_at > now()") == 3);
      soon().until(() -> receiver.received().size() == 3);
      assertThat(pipeline.count("delivery WHERE due_at > now()")).isEqualTo(3);
      claimed.countDown();
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 6);
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
          "UPDATE webhooks.delivery SET body = '{\"kept\":true}', due_at = now() WHERE"
              + " subscription_id = ?",
          webhook);
      soon().until(() -> receiver.received().size() == 3);
      assertThat(receiver.received().get(2).text()).isEqualTo("{\"kept\":true}");
    }
  }
}
