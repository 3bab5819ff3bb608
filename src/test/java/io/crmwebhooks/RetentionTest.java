package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Housekeeping removes old rows, and keeps those that it must. */
class RetentionTest {
  private static final String[] SOON = {
    "webhooks.retention.delivered", "1h",
    "webhooks.retention.dead", "1d",
    "webhooks.retention.interval", "1h",
    "webhooks.retention.pause", "1ms",
    "webhooks.retention.chunk", "3"
  };

  @Test
  void old_changes_go_with_their_deliveries_and_attempts_and_what_is_still_needed_stays() {
    try (PipelineFixture pipeline = new PipelineFixture(SOON)) {
      UUID webhook = pipeline.webhook("http://127.0.0.1:9999/", "nothing.ever");
      for (int i = 0; i < 20; i++) {
        change(pipeline, "delivered", "2 hours", webhook);
      }
      change(pipeline, "cancelled", "2 hours", webhook);
      change(pipeline, null, "2 hours", webhook);
      change(pipeline, "dead", "2 days", webhook);

      change(pipeline, "delivered", "10 minutes", webhook);
      change(pipeline, "dead", "2 hours", webhook);
      change(pipeline, "pending", "100 days", webhook);
      long attemptedLately = change(pipeline, "delivered", "100 days", webhook);
      pipeline.sql(
          "UPDATE webhooks.delivery SET attempted_at = now() WHERE change_id = ?", attemptedLately);
      long parked = change(pipeline, null, "100 days", webhook);
      pipeline.sql("INSERT INTO webhooks.parked_change VALUES (?, 'test')", parked);
      long queued = change(pipeline, null, "100 days", webhook);
      pipeline.sql(
          "INSERT INTO webhooks.claim (node, lease_until, changes)"
              + " VALUES (77, now() + interval '1 hour', ARRAY[CAST(? AS bigint)])",
          queued);
      allWritten(pipeline, "2 hours");

      pipeline.start();
      soon().until(() -> pipeline.count("change") <= 6);
      assertThat(pipeline.count("change")).isEqualTo(6);
      assertThat(pipeline.count("delivery")).isEqualTo(4);
      assertThat(pipeline.count("attempt")).isEqualTo(2);
    }
  }

  @Test
  void the_attempt_of_a_pending_delivery_that_succeeded_at_once_goes_with_it() {
    try (PipelineFixture pipeline = new PipelineFixture(SOON)) {
      UUID webhook = pipeline.webhook("http://127.0.0.1:9999/", "nothing.ever");
      change(pipeline, "delivered", "2 hours", webhook);
      pipeline.sql(
          "INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms)"
              + " SELECT id, 1, created_at, 1 FROM webhooks.delivery");
      allWritten(pipeline, "2 hours");
      pipeline.start();
      soon().until(() -> pipeline.count("change") == 0);
      assertThat(pipeline.count("attempt")).isZero();
    }
  }

  @Test
  void retention_counts_from_when_a_change_was_written_whenever_it_occurred() {
    try (PipelineFixture pipeline = new PipelineFixture(SOON)) {
      UUID webhook = pipeline.webhook("http://127.0.0.1:9999/", "nothing.ever");
      change(pipeline, null, "1 minute", webhook);
      allWritten(pipeline, "2 hours");
      change(pipeline, null, "10 years", webhook);
      pipeline.start();
      soon().until(() -> pipeline.count("change") == 1);
      soon().until(() -> pipeline.count("log_mark") == 2);
      assertThat(pipeline.value("SELECT min(id) FROM webhooks.change")).isEqualTo(2L);
    }
  }

  @Test
  void how_far_the_log_had_come_is_known_for_as_long_as_retention_asks() {
    try (PipelineFixture pipeline = new PipelineFixture(SOON)) {
      pipeline.sql(
          "INSERT INTO webhooks.log_mark SELECT now() - n * interval '30 min', 5 FROM generate_series(1, 9) n");
      pipeline.start();
      // of those older than an hour the newest, the one of half an hour ago, and now
      soon().until(() -> pipeline.count("log_mark") == 3);
    }
  }

  /** Says that all changes so far were written so long ago. */
  private static void allWritten(PipelineFixture pipeline, String ago) {
    pipeline.sql(
        "INSERT INTO webhooks.log_mark"
            + " SELECT now() - CAST(? AS interval), max(id) FROM webhooks.change",
        ago);
  }

  /** A change of some time ago that is no longer queued, with a delivery in that state. */
  private static long change(PipelineFixture pipeline, String state, String ago, UUID webhook) {
    long id =
        (Long)
            pipeline.value(
                "INSERT INTO webhooks.change (event, record_id, record, occurred_at)"
                    + " VALUES ('person.created', 'r', '{}', now() - CAST(? AS interval)) RETURNING id",
                ago);
    pipeline.sql("DELETE FROM webhooks.change_queue");
    if (state != null) {
      pipeline.sql(
          "WITH d AS (INSERT INTO webhooks.delivery"
              + " (change_id, subscription_id, state, attempts, due_at, error, created_at)"
              + " VALUES (?, ?, ?, 1, CASE ? WHEN 'pending' THEN now() + interval '1 day' END,"
              + " CASE ? WHEN 'delivered' THEN NULL ELSE 'refused' END, now() - CAST(? AS interval))"
              + " RETURNING id, error)"
              + " INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms)"
              + " SELECT id, 1, now(), 1 FROM d WHERE error IS NOT NULL",
          id,
          webhook,
          state,
          state,
          state,
          ago);
    }
    return id;
  }
}
