package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Deliveries when a process or a webhook goes away. */
class RecoveryTest {
  private static final String SCHEDULE = "webhooks.delivery.retry-schedule";

  @OnBothEngines
  void what_a_dead_process_had_claimed_is_taken_over_when_its_beats_are_missed() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture("webhooks.node.heartbeat", "100ms")) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 10);
      pipeline.sql(
          "INSERT INTO webhooks.node (id, seen_at) OVERRIDING SYSTEM VALUE VALUES (99, now())");
      pipeline.sql(
          "WITH q AS (DELETE FROM webhooks.change_queue RETURNING id) INSERT INTO webhooks.claim"
              + " (node, lease_until, changes)"
              + " SELECT 99, now() + interval '1 hour', array_agg(id) FROM q");
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
          "WITH q AS (DELETE FROM webhooks.change_queue RETURNING id) INSERT INTO webhooks.claim"
              + " (node, lease_until, changes)"
              + " SELECT 99, now() - interval '1 second', array_agg(id) FROM q");
      pipeline.start();
      soon().until(() -> receiver.received().size() == 10);
    }
  }

  @Test
  @OnPostgresql("on Kafka a success is recorded in the topic")
  void a_record_that_fails_is_given_up_when_its_claim_ends_and_the_batch_is_repeated() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline =
            new PipelineFixture(
                    "webhooks.poll.batches", // one at work, and one that only waits
                    "1",
                    "webhooks.poll.lease",
                    "1s",
                    "webhooks.node.heartbeat",
                    "200ms")
                .start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.sql("ALTER TABLE webhooks.attempt RENAME TO hidden");
      pipeline.change("person.created", "{}");
      soon().until(() -> receiver.received().size() >= 4);
      pipeline.sql("ALTER TABLE webhooks.hidden RENAME TO attempt");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      assertThat(receiver.received().stream().map(r -> r.id() + r.text()).distinct()).hasSize(1);
    }
  }

  @OnBothEngines
  void a_batch_repeated_after_a_crash_repeats_the_id_and_records_it_once() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery") == 1);
      pipeline.sql("INSERT INTO webhooks.change_queue (id) SELECT id FROM webhooks.change");
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(receiver.received()).hasSize(2);
      assertThat(receiver.received().stream().map(r -> r.id() + r.text()).distinct()).hasSize(1);
      assertThat(pipeline.count("delivery")).isEqualTo(1);
    }
  }

  @Test
  @OnPostgresql("a restore of the database leaves topics as they are")
  void a_change_that_gets_the_id_of_one_that_a_restore_has_undone_gets_another_webhook_id() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      pipeline.sql("TRUNCATE webhooks.delivery");
      pipeline.sql("TRUNCATE webhooks.change RESTART IDENTITY");
      pipeline.sql("UPDATE webhooks.settled_log SET next_id = 0");
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      assertThat(pipeline.value("SELECT id FROM webhooks.change")).isEqualTo(1L);
      assertThat(receiver.received()).hasSize(2).extracting(r -> r.id()).doesNotHaveDuplicates();
      assertThat(pipeline.value("SELECT id FROM webhooks.delivery"))
          .isEqualTo(receiver.received().get(1).id());

      pipeline.sql("UPDATE webhooks.change SET epoch = epoch - 1");
      pipeline.sql("UPDATE webhooks.delivery SET state = 'pending', due_at = now()");
      soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 1);
      assertThat(receiver.received()).as("another change in its place").hasSize(2);
      String again = "SELECT id FROM webhooks.delivery WHERE subscription_id = '" + webhook + "'";
      assertThat(pipeline.value(again)).isEqualTo(receiver.received().get(1).id());
    }
  }

  @Test
  void a_sequence_behind_its_table_loses_no_change_and_gives_no_id_twice() {
    try (PipelineFixture pipeline =
        new PipelineFixture("webhooks.housekeeping.interval", "100ms")) {
      pipeline.sql("CREATE TABLE public.person (id integer PRIMARY KEY)");
      pipeline.sql("SELECT webhooks.capture('public.person', 'person')");
      pipeline.changes("person.created", 10);
      pipeline.sql("SELECT setval('webhooks.change_id_seq', 3)");
      pipeline.changes("person.updated", 5);
      pipeline.sql("SELECT setval('webhooks.change_id_seq', 12, false)");
      pipeline.sql("INSERT INTO public.person SELECT generate_series(1, 5)");
      assertThat(pipeline.value("SELECT max(id) FROM webhooks.change")).isEqualTo(20L);
      assertThat(pipeline.count("change_queue")).isEqualTo(20);
      pipeline.sql(
          "INSERT INTO webhooks.change (id, event, record_id, record) OVERRIDING SYSTEM VALUE"
              + " VALUES (9223372036854775807, 'person.created', 'last', '{}')");
      pipeline.sql("INSERT INTO public.person VALUES (6)");
      assertThat(pipeline.count("change_queue")).isEqualTo(22);

      pipeline.start(); // housekeeping sees how far the log has come
      soon().until(() -> pipeline.value("SELECT next_id FROM webhooks.settled_log").equals(21L));
      pipeline.sql("TRUNCATE webhooks.change RESTART IDENTITY");
      pipeline.change("person.created", "{}");
      assertThat(pipeline.value("SELECT id FROM webhooks.change")).isEqualTo(22L);
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
  void a_delivery_whose_record_was_removed_dies_with_the_reason() {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h").start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 2);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 2);
      pipeline.sql("UPDATE webhooks.change SET record = NULL WHERE id = 1");
      pipeline.sql("DELETE FROM webhooks.change WHERE id = 2");
      pipeline.sql("UPDATE webhooks.delivery SET due_at = now()");
      soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 2);
      assertThat(receiver.received()).hasSize(2);
      assertThat(pipeline.value("SELECT DISTINCT error FROM webhooks.delivery"))
          .isEqualTo("its record is no longer in the change table");
    }
  }

  @Test
  void pending_deliveries_of_a_subscription_deleted_for_good_are_cancelled() {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h").start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 1);
      pipeline.sql("DELETE FROM webhooks.subscription WHERE id = ?", webhook);
      assertThat(pipeline.count("delivery WHERE state = 'cancelled'")).isEqualTo(1);
    }
  }

  @OnBothEngines
  void stopping_finishes_what_is_in_flight_and_gives_back_the_rest() {
    CountDownLatch answer = new CountDownLatch(1);
    try (TestReceiver receiver = TestReceiver.answeringAfter(answer);
        PipelineFixture pipeline =
            new PipelineFixture("webhooks.shutdown.timeout", "1s", "webhooks.poll.batch-size", "1")
                .start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 30);
      soon().until(() -> receiver.received().size() >= 4);
      pipeline.stop();
      assertThat(pipeline.count("claim WHERE node > 0")).isZero();
      assertThat(pipeline.count("delivery WHERE state = 'pending' AND due_at > now()")).isZero();
      assertThat(pipeline.count("node")).isZero();
      answer.countDown();
      pipeline.start();
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 30);
    }
  }
}
