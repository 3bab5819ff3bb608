package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The updates that a webhook with {@code supersede=true} is spared. */
class SupersedeTest {
  private static final String SCHEDULE = "webhooks.delivery.retry-schedule";

  /** The status that the receiver answers with. */
  private final AtomicInteger status = new AtomicInteger(500);

  @ParameterizedTest
  @CsvSource({"none, postgresql", "record, postgresql", "record, kafka"})
  void an_update_that_waits_is_cancelled_when_a_newer_one_is_there(String ordering, String engine) {
    try (TestReceiver receiver = receiver();
        PipelineFixture pipeline = PipelineFixture.on(engine, SCHEDULE, "1h").start()) {
      superseding(pipeline, receiver, ordering);
      change(pipeline, "person.updated", "a");
      soon().until(() -> pipeline.count("attempt") == 1);
      status.set(200);
      change(pipeline, "person.updated", "b");
      change(pipeline, "person.updated", "a");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 2);
      soon().until(() -> pipeline.count("delivery WHERE state = 'cancelled'") == 1);
      assertThat(
              pipeline.sql(
                  "SELECT change_id, error FROM webhooks.delivery WHERE state = 'cancelled'"))
          .containsExactly(
              Map.of("change_id", 1L, "error", "superseded by the update of change 3"));
      assertThat(receiver.received()).hasSize(3);
    }
  }

  @Test
  void the_ones_in_between_are_not_sent() {
    try (TestReceiver receiver = receiver();
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h").start()) {
      superseding(pipeline, receiver, "record");
      change(pipeline, "person.created", "a");
      soon().until(() -> pipeline.count("attempt") == 1);
      for (int i = 0; i < 5; i++) {
        change(pipeline, "person.updated", "a");
      }
      soon().until(() -> pipeline.count("delivery") == 6 && pipeline.count("undispatched") == 0);
      status.set(200);
      pipeline.sql("UPDATE webhooks.delivery SET due_at = now() WHERE change_id = 1");
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 0);
      assertThat(states(pipeline))
          .containsExactly(
              "delivered", "cancelled", "cancelled", "cancelled", "cancelled", "delivered");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "record"})
  void nothing_but_an_update_is_superseded_nor_by_anything_else(String ordering) {
    try (TestReceiver receiver = receiver();
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h").start()) {
      superseding(pipeline, receiver, ordering);
      change(pipeline, "person.created", "a");
      change(pipeline, "person.updated", "a");
      change(pipeline, "person.deleted", "a");
      change(pipeline, "person.restored", "a");
      soon().until(() -> pipeline.count("delivery") == 4 && pipeline.count("undispatched") == 0);
      int attempted = ordering.equals("record") ? 1 : 4; // the others wait for the first
      soon().until(() -> pipeline.count("delivery WHERE attempts = 1") == attempted);
      status.set(200);
      pipeline.sql("UPDATE webhooks.delivery SET due_at = now() WHERE state = 'pending'");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 4);
    }
  }

  @Test
  @OnPostgresql("on Kafka it is tried again where the webhook keeps no order")
  void one_that_was_under_way_meanwhile_is_not_tried_again() {
    try (TestReceiver receiver = receiver();
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "10s").start()) {
      superseding(pipeline, receiver, "none"); // 10 s are less than the lease: it may be under way
      change(pipeline, "person.updated", "a");
      soon().until(() -> pipeline.count("attempt") == 1);
      status.set(200);
      change(pipeline, "person.updated", "a");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      pipeline.sql("UPDATE webhooks.delivery SET due_at = now() WHERE state = 'pending'");
      soon().until(() -> pipeline.count("delivery WHERE state = 'cancelled'") == 1);
      assertThat(receiver.received()).hasSize(2);
    }
  }

  @OnBothEngines
  void what_is_redelivered_by_hand_is_sent_as_asked() {
    status.set(200);
    try (TestReceiver receiver = receiver();
        PipelineFixture pipeline = new PipelineFixture().start()) {
      superseding(pipeline, receiver, "record");
      change(pipeline, "person.updated", "a");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      change(pipeline, "person.updated", "a");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 2);
      String id = (String) pipeline.value("SELECT min(id) FROM webhooks.delivery");
      pipeline.api().post("/rest/deliveries/" + id + "/redeliver", null);
      soon().until(() -> receiver.received().size() == 3);
      assertThat(receiver.received().get(2).id()).isEqualTo(id);
    }
  }

  @Test
  void an_answer_that_comes_late_is_recorded_though_superseding_fails() throws Exception {
    CountDownLatch mayAnswer = new CountDownLatch(1);
    try (TestReceiver receiver = TestReceiver.answeringAfter(mayAnswer);
        PipelineFixture pipeline = new PipelineFixture()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET supersede = true");
      change(pipeline, "person.updated", "a");
      pipeline.sql("DELETE FROM webhooks.change_queue");
      pipeline.sql(
          "INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at, record_key)"
              + " VALUES (1, ?, 'pending', now() + interval '1 h', webhooks.record_key(?, 'person', 'a'))",
          webhook,
          webhook);
      pipeline.sql(
          "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
              + " $$ BEGIN RAISE EXCEPTION 'not now'; END $$");
      pipeline.sql(
          "CREATE TRIGGER refuse BEFORE UPDATE ON webhooks.delivery FOR EACH ROW"
              + " WHEN (NEW.state = 'cancelled') EXECUTE FUNCTION refuse()");
      pipeline.start();
      change(pipeline, "person.updated", "a");
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 2);
      mayAnswer.countDown();
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      assertThat(receiver.received()).hasSize(1);
    }
  }

  private TestReceiver receiver() {
    return TestReceiver.answering((request, exchange) -> respond(exchange, status.get(), ""));
  }

  private static void superseding(
      PipelineFixture pipeline, TestReceiver receiver, String ordering) {
    UUID webhook = pipeline.webhook(receiver.url("/"));
    pipeline
        .api()
        .patch(
            "/rest/webhooks/" + webhook, "{\"ordering\":\"" + ordering + "\",\"supersede\":true}");
  }

  private static void change(PipelineFixture pipeline, String event, String record) {
    pipeline.sql(
        "INSERT INTO webhooks.change (event, record_id, record) VALUES (?, ?, '{}')",
        event,
        record);
  }

  private static List<String> states(PipelineFixture pipeline) {
    return pipeline.sql("SELECT state FROM webhooks.delivery ORDER BY change_id").stream()
        .map(row -> (String) row.get("state"))
        .toList();
  }
}
