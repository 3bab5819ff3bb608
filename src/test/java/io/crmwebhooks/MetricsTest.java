package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The metrics of a running pipeline at {@code /observe/metrics}. */
class MetricsTest {
  private static final String PERIOD = "webhooks.metrics.period";

  @Test
  void attempts_are_counted_by_webhook_and_result_and_accepted_ones_timed_from_the_change() {
    try (PipelineFixture pipeline =
            new PipelineFixture("webhooks.delivery.retry-schedule", "1h").start();
        TestReceiver good = TestReceiver.answering(200);
        TestReceiver bad = TestReceiver.answering(500);
        TestReceiver gone = TestReceiver.answering(410)) {
      UUID fine = pipeline.webhook(good.url("/"));
      UUID failing = pipeline.webhook(bad.url("/"));
      UUID away = pipeline.webhook(gone.url("/"), "person.created");
      pipeline.sql(
          "INSERT INTO webhooks.change (event, record, occurred_at)"
              + " VALUES ('person.created', '{}', now() - interval '2 minutes')");
      soon().until(() -> pipeline.count("delivery") == 3);
      pipeline.change("person.updated", "{}");
      soon().until(() -> pipeline.count("delivery WHERE attempts = 1") == 5);
      pipeline.sql("UPDATE webhooks.delivery SET due_at = now() WHERE state = 'pending'");
      soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 2);

      Scrape scrape = pipeline.scrape();
      assertThat(scrape.value(attempts("delivered", fine))).isEqualTo(2);
      assertThat(scrape.value(attempts("failed", fine))).isZero();
      assertThat(scrape.value(attempts("failed", failing))).isEqualTo(2);
      assertThat(scrape.value(attempts("dead", failing))).isEqualTo(2);
      assertThat(scrape.value(attempts("gone", away))).isEqualTo(1);
      assertThat(scrape.value("webhooks_delivery_latency_seconds_count")).isEqualTo(2);
      assertThat(scrape.value("webhooks_delivery_latency_seconds_sum")).isBetween(120.0, 140.0);
      assertThat(scrape.value("webhooks_delivery_latency_seconds_bucket{le=\"60.0\"}"))
          .isEqualTo(1);
      assertThat(scrape.value("webhooks_delivery_latency_seconds_bucket{le=\"600.0\"}"))
          .isEqualTo(2);
      assertThat(scrape.value("webhooks_batch_changes_sum")).isEqualTo(2);
      String claims = "webhooks_statement_seconds_count{result=\"ok\",route=\"take-batch\"}";
      assertThat(scrape.value(claims)).isPositive();
    }
  }

  @Test
  void what_waits_in_the_database_is_read_every_period() {
    try (PipelineFixture pipeline =
            new PipelineFixture(PERIOD, "100ms", "webhooks.delivery.retry-schedule", "1h").start();
        TestReceiver bad = TestReceiver.answering(500)) {
      UUID webhook = pipeline.webhook(bad.url("/"));
      pipeline.changes("person.created", 3);
      pipeline.sql("INSERT INTO webhooks.change (event) VALUES ('nonsense')");
      soon()
          .untilAsserted(
              () -> {
                Scrape scrape = pipeline.scrape();
                assertThat(scrape.value(of(webhook, "webhooks_deliveries_pending"))).isEqualTo(3);
                assertThat(scrape.value(of(webhook, "webhooks_oldest_undelivered_age_seconds")))
                    .isPositive();
                assertThat(scrape.value(of(webhook, "webhooks_dead_letters"))).isZero();
                assertThat(scrape.value("webhooks_changes_parked")).isEqualTo(1);
                assertThat(scrape.value("webhooks_changes_queued")).isZero();
                assertThat(scrape.value("webhooks_oldest_queued_age_seconds")).isZero();
                assertThat(scrape.value("webhooks_readings_age_seconds")).isLessThan(10);
                assertThat(scrape.value("webhooks_last_claim_age_seconds")).isLessThan(10);
              });
    }
  }

  @Test
  void attempts_in_flight_are_shown_while_they_are() {
    CountDownLatch answer = new CountDownLatch(1);
    try (PipelineFixture pipeline = new PipelineFixture().start();
        TestReceiver receiver = TestReceiver.answeringAfter(answer)) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      String inFlight = of(webhook, "webhooks_attempts_in_flight");
      soon().until(() -> pipeline.scrape().value(inFlight) == 1);
      answer.countDown();
      soon().until(() -> pipeline.scrape().value(inFlight) == 0);
    }
  }

  @Test
  void webhooks_beyond_the_setting_share_a_label_and_no_url_is_shown() {
    try (PipelineFixture pipeline = new PipelineFixture("webhooks.metrics.webhooks", "1").start();
        TestReceiver receiver = TestReceiver.answering(200)) {
      UUID first = pipeline.webhook(receiver.url("/first"));
      pipeline.webhook(receiver.url("/second"));
      pipeline.webhook(receiver.url("/third"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery") == 3);
      Scrape scrape = pipeline.scrape();
      assertThat(scrape.value(attempts("delivered", first))).isEqualTo(1);
      assertThat(scrape.value("webhooks_attempts_total{result=\"delivered\",webhook=\"other\"}"))
          .isEqualTo(2);
      assertThat(scrape.samples().keySet()).noneMatch(sample -> sample.contains("127.0.0.1"));
    }
  }

  private static String attempts(String result, UUID webhook) {
    return "webhooks_attempts_total{result=\"%s\",webhook=\"%s\"}".formatted(result, webhook);
  }

  private static String of(UUID webhook, String name) {
    return "%s{webhook=\"%s\"}".formatted(name, webhook);
  }
}
