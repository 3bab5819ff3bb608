package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestReceiver.Received;
import org.junit.jupiter.api.Test;

/** Records that the database rejects at every try. */
class RefusedRecordTest {
  private static final int CHANGES = 100;
  private static final String SCHEDULE = "webhooks.delivery.retry-schedule";

  /** Refuses rows of {@code webhooks.delivery}. */
  private static void refuse(PipelineFixture pipeline, String event, String rows) {
    pipeline.sql(
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN RAISE EXCEPTION ''not this row''; END'");
    pipeline.sql(
        "CREATE TRIGGER refuse BEFORE %s ON webhooks.delivery FOR EACH ROW WHEN (%s) EXECUTE FUNCTION refuse()"
            .formatted(event, rows));
  }

  @OnBothEngines
  void a_change_that_cannot_be_recorded_is_parked_and_those_beside_it_are_recorded_once() {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h")) {
      pipeline.webhook(receiver.url("/"));
      pipeline.webhook(receiver.url("/too"));
      refuse(pipeline, "INSERT", "NEW.change_id IN (7, 60)");
      pipeline.changes("person.created", CHANGES);
      pipeline.start();

      soon().until(() -> pipeline.count("undispatched") == 0);
      soon().until(() -> pipeline.count("delivery WHERE attempts = 1") == 2 * (CHANGES - 2));
      assertThat(pipeline.sql("SELECT change_id, reason FROM webhooks.parked_change ORDER BY 1"))
          .extracting(row -> row.get("change_id") + " " + row.get("reason"))
          .containsExactly(
              "7 could not be recorded: not this row; it may have been sent",
              "60 could not be recorded: not this row; it may have been sent");
      assertThat(receiver.received())
          .extracting(Received::id)
          .doesNotHaveDuplicates()
          .hasSizeGreaterThanOrEqualTo(2 * (CHANGES - 2)); // the parked ones may have been sent
      assertThat(pipeline.count("claim WHERE node > 0")).isZero();

      pipeline.changes("person.created", CHANGES);
      soon().until(() -> pipeline.count("delivery") == 2 * (2 * CHANGES - 2));
    }
  }

  @Test
  @OnPostgresql("on Kafka a success is recorded in the topic")
  void a_batch_of_which_nothing_can_be_recorded_ends_all_the_same() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture()) {
      pipeline.webhook(receiver.url("/"), "person.*");
      refuse(pipeline, "INSERT", "true");
      pipeline.changes("person.created", 5);
      pipeline.changes("company.created", 5); // which nobody wants
      pipeline.start();
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(pipeline.count("parked_change")).isEqualTo(5);
      assertThat(receiver.received()).extracting(Received::id).doesNotHaveDuplicates();
    }
  }

  @Test
  void a_pending_delivery_whose_outcome_cannot_be_recorded_dies_and_those_beside_it_live() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.pastChanges("person.created", CHANGES);
      pipeline.sql(
          "INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at)"
              + " SELECT c.id, s.id, 'pending', now() FROM webhooks.change c, webhooks.subscription s");
      refuse(pipeline, "UPDATE", "NEW.change_id = 7 AND NEW.state = 'delivered'");
      pipeline.start();
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 0);
      assertThat(pipeline.count("delivery WHERE state = 'delivered'")).isEqualTo(CHANGES - 1);
      assertThat(
              pipeline.sql("SELECT change_id, error FROM webhooks.delivery WHERE state = 'dead'"))
          .extracting(row -> row.get("change_id") + " " + row.get("error"))
          .containsExactly("7 could not be recorded: not this row");
      assertThat(receiver.received()).hasSize(CHANGES);
    }
  }
}
