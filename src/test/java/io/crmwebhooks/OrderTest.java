package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.await;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import io.crmwebhooks.TestReceiver.Received;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The deliveries to a webhook with {@code ordering=record}, and their times. */
class OrderTest {
  private static final String SCHEDULE = "webhooks.delivery.retry-schedule";

  /** The records that the receiver rejects, by their text; it accepts all others. */
  private final Set<String> refused = ConcurrentHashMap.newKeySet();

  @OnBothEngines
  void changes_of_a_record_go_one_after_the_other_in_the_order_of_their_commits() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline =
            new PipelineFixture("webhooks.dispatch.patience", "15s", "webhooks.poll.lease", "1m")) {
      ordered(pipeline, receiver.url("/"));
      for (int n = 0; n < 60; n++) {
        change(pipeline, "person.updated", "r" + n % 3, n);
      }
      pipeline.start();
      soon().until(() -> delivered(pipeline) == 60);
      for (int record = 0; record < 3; record++) {
        List<Integer> numbers = numbers(receiver, "r" + record);
        assertThat(numbers).hasSize(20).isSorted();
      }
      assertThat(pipeline.count("attempt")).as("attempts of pending deliveries").isZero();
    }
  }

  @OnBothEngines
  void never_are_two_of_a_record_under_way_while_others_are() {
    Set<String> underWay = ConcurrentHashMap.newKeySet();
    Set<String> twice = ConcurrentHashMap.newKeySet();
    CountDownLatch four = new CountDownLatch(4);
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  String record = data(request).path("r").asText();
                  if (!underWay.add(record)) {
                    twice.add(record);
                  }
                  four.countDown();
                  await(four);
                  underWay.remove(record);
                  respond(exchange, 200, "");
                });
        PipelineFixture pipeline = new PipelineFixture()) {
      ordered(pipeline, receiver.url("/"));
      for (int n = 0; n < 40; n++) {
        change(pipeline, "person.updated", "r" + n % 4, n);
      }
      pipeline.start();
      soon().until(() -> delivered(pipeline) == 40);
      assertThat(four.getCount()).isZero();
      assertThat(twice).isEmpty();
    }
  }

  @OnBothEngines
  void a_failed_one_holds_back_its_own_record_only() {
    refused.add("a1");
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h").start()) {
      ordered(pipeline, receiver.url("/"));
      change(pipeline, "person.created", "a", 1);
      change(pipeline, "person.updated", "a", 2);
      change(pipeline, "person.updated", "b", 3);
      change(pipeline, "person.updated", "a", 4);
      soon().until(() -> delivered(pipeline) == 1 && asleep(pipeline) == 2);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending' AND attempts = 1") == 1);
      assertThat(numbers(receiver, "a")).containsExactly(1);
      refused.clear();
      pipeline.sql("UPDATE webhooks.delivery SET due_at = now() WHERE due_at < 'infinity'");
      soon().until(() -> delivered(pipeline) == 4);
      assertThat(numbers(receiver, "a")).containsExactly(1, 1, 2, 4);
    }
  }

  @Test
  void a_dead_letter_is_skipped() {
    refused.add("a1");
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "30ms").start()) {
      ordered(pipeline, receiver.url("/"));
      change(pipeline, "person.created", "a", 1);
      change(pipeline, "person.updated", "a", 2);
      soon().until(() -> delivered(pipeline) == 1);
      assertThat(numbers(receiver, "a")).containsExactly(1, 1, 2);
    }
  }

  @OnBothEngines
  void a_dead_letter_that_holds_its_record_lets_it_go_on_once_it_is_redelivered() {
    refused.add("a1");
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "30ms").start()) {
      UUID webhook = ordered(pipeline, receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET on_dead = 'hold'");
      for (int n = 1; n <= 3; n++) {
        change(pipeline, "person.updated", "a", n);
      }
      change(pipeline, "person.updated", "b", 4);
      soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 1);
      soon().until(() -> delivered(pipeline) == 1 && asleep(pipeline) == 2);
      refused.clear();
      String dead = "/rest/deliveries?state=dead&webhookId=" + webhook;
      String id = pipeline.api().get(dead).body().at("/data/0/id").asText();
      String waiting = "/rest/deliveries?state=pending&webhookId=" + webhook;
      assertThat(pipeline.api().get(waiting).body().at("/data/0/dueAt").isNull()).isTrue();
      pipeline.api().post("/rest/deliveries/" + id + "/redeliver", null);
      soon().until(() -> delivered(pipeline) == 4);
      assertThat(numbers(receiver, "a")).containsExactly(1, 1, 1, 2, 3);
    }
  }

  @Test
  void held_records_go_on_when_dead_letters_are_to_be_skipped_from_now_on() {
    refused.add("a1");
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        PipelineFixture pipeline =
            new PipelineFixture(SCHEDULE, "30ms", "webhooks.housekeeping.interval", "1s").start()) {
      UUID webhook = ordered(pipeline, receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET on_dead = 'hold'");
      for (int n = 1; n <= 3; n++) {
        change(pipeline, "person.updated", "a", n);
      }
      soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 1);
      soon().until(() -> asleep(pipeline) == 2);
      pipeline.api().patch("/rest/webhooks/" + webhook, "{\"onDead\":\"skip\"}");
      soon().until(() -> delivered(pipeline) == 2);
      assertThat(numbers(receiver, "a")).endsWith(2, 3);
    }
  }

  @Test
  void what_waits_goes_at_once_when_the_order_is_given_up() {
    refused.add("a1");
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        PipelineFixture pipeline =
            new PipelineFixture(SCHEDULE, "1h", "webhooks.housekeeping.interval", "1s").start()) {
      UUID webhook = ordered(pipeline, receiver.url("/"));
      for (int n = 1; n <= 4; n++) {
        change(pipeline, "person.updated", "a", n);
      }
      soon().until(() -> asleep(pipeline) == 3);
      pipeline.api().patch("/rest/webhooks/" + webhook, "{\"ordering\":\"none\"}");
      soon().until(() -> delivered(pipeline) == 3);
      assertThat(pipeline.count("delivery WHERE state = 'pending'")).isEqualTo(1);
    }
  }

  @Test
  void an_earlier_change_that_another_process_works_on_holds_back_later_ones_of_its_record() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture()) {
      ordered(pipeline, receiver.url("/"));
      pipeline.sql(
          "INSERT INTO webhooks.node (id, seen_at) OVERRIDING SYSTEM VALUE VALUES (99, now())");
      change(pipeline, "person.created", "a", 1);
      pipeline.sql(
          "WITH q AS (DELETE FROM webhooks.change_queue RETURNING id, partition),"
              + " c AS (INSERT INTO webhooks.claim (node, lease_until, changes, in_order)"
              + " SELECT 99, now() + interval '1 hour', array_agg(id), true FROM q RETURNING id)"
              + " UPDATE webhooks.partition p SET claim = c.id, held = true FROM c, q WHERE p.id = q.partition");
      change(pipeline, "person.updated", "a", 2);
      change(pipeline, "person.updated", "b", 3);
      pipeline.start();
      soon().until(() -> delivered(pipeline) == 1);
      change(pipeline, "person.updated", "b", 4);
      soon().until(() -> delivered(pipeline) == 2);
      assertThat(numbers(receiver, "a")).isEmpty();
      assertThat(pipeline.count("change_queue")).isEqualTo(1);
      pipeline.sql("UPDATE webhooks.claim SET lease_until = now() - interval '1 s'");
      soon().until(() -> delivered(pipeline) == 4);
      assertThat(numbers(receiver, "a")).containsExactly(1, 2);
    }
  }

  @Test
  void changes_that_name_no_record_wait_for_nobody() {
    refused.add("null1");
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h").start()) {
      ordered(pipeline, receiver.url("/"));
      change(pipeline, "person.created", null, 1);
      change(pipeline, "person.created", null, 2);
      soon().until(() -> delivered(pipeline) == 1);
      assertThat(numbers(receiver, "null")).containsExactlyInAnyOrder(1, 2);
    }
  }

  @Test
  void thousands_that_wait_for_one_record_hold_up_no_other() {
    refused.add("a1");
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "1h")) {
      ordered(pipeline, receiver.url("/"));
      change(pipeline, "person.updated", "a", 1);
      pipeline.sql(
          "INSERT INTO webhooks.change (event, record_id, record)"
              + " SELECT 'person.updated', 'a', '{\"r\":\"a\",\"n\":2}' FROM generate_series(1, 3000)");
      change(pipeline, "person.updated", "b", 3);
      pipeline.start();
      soon().until(() -> delivered(pipeline) == 1);
      soon().until(() -> asleep(pipeline) == 3000);
      assertThat(receiver.received()).hasSize(2);
    }
  }

  @OnBothEngines
  void an_ordered_webhook_does_not_wait_for_slow_ones_of_its_batch() {
    CountDownLatch release = new CountDownLatch(1);
    try (TestReceiver quick = TestReceiver.answering(200);
        TestReceiver slow = TestReceiver.answeringAfter(release);
        PipelineFixture pipeline =
            new PipelineFixture("webhooks.dispatch.patience", "15s", "webhooks.poll.lease", "1m")
                .start()) {
      ordered(pipeline, quick.url("/"));
      change(pipeline, "person.created", "b", 1);
      soon().until(() -> delivered(pipeline) == 1); // it has proven quick
      pipeline.webhook(slow.url("/"));
      change(pipeline, "person.created", "a", 1);
      soon().until(() -> slow.received().size() == 1);
      change(pipeline, "person.updated", "a", 2);
      soon().until(() -> quick.received().size() == 3);
      release.countDown();
      soon().until(() -> delivered(pipeline) == 5);
      assertThat(numbers(quick, "a")).containsExactly(1, 2);
    }
  }

  @OnBothEngines
  void one_that_ends_while_the_next_goes_to_sleep_wakes_it() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture("webhooks.poll.batch-size", "1").start()) {
      ordered(pipeline, receiver.url("/"));
      for (int n = 1; n <= 40; n++) {
        change(pipeline, "person.updated", "a", n);
      }
      soon().until(() -> delivered(pipeline) == 40);
      assertThat(numbers(receiver, "a")).hasSize(40).isSorted();
    }
  }

  @Test
  void a_failing_ordered_webhook_keeps_slower_ones_of_its_batch_from_holding_up_its_records() {
    CountDownLatch release = new CountDownLatch(1);
    refused.add("a1");
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        TestReceiver slow = TestReceiver.answeringAfter(release);
        PipelineFixture pipeline =
            new PipelineFixture(
                    SCHEDULE,
                    "1h",
                    "webhooks.dispatch.patience",
                    "15s",
                    "webhooks.poll.lease",
                    "1m")
                .start()) {
      ordered(pipeline, receiver.url("/"));
      change(pipeline, "person.created", "b", 1);
      soon().until(() -> delivered(pipeline) == 1); // it has proven quick
      pipeline.webhook(slow.url("/"));
      change(pipeline, "person.created", "a", 1);
      soon().until(() -> slow.received().size() == 1);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending' AND attempts = 1") == 1);
      change(pipeline, "person.updated", "a", 2);
      change(pipeline, "person.updated", "b", 2);
      soon().until(() -> numbers(receiver, "b").size() == 2);
      soon().until(() -> asleep(pipeline) == 1);
      release.countDown();
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 2);
      assertThat(numbers(receiver, "a")).containsExactly(1);
    }
  }

  private UUID ordered(PipelineFixture pipeline, String url) {
    UUID webhook = pipeline.webhook(url);
    pipeline.sql("UPDATE webhooks.subscription SET ordering = 'record' WHERE id = ?", webhook);
    return webhook;
  }

  private static void change(PipelineFixture pipeline, String event, String record, int n) {
    pipeline.sql(
        "INSERT INTO webhooks.change (event, record_id, record) VALUES (?, ?, json_build_object('r', CAST(? AS text), 'n', CAST(? AS integer)))",
        event,
        record,
        record,
        n);
  }

  private void answer(Received request, HttpExchange exchange) throws IOException {
    JsonNode data = data(request);
    boolean no = refused.contains(data.path("r").asText() + data.path("n").asText());
    respond(exchange, no ? 500 : 200, "");
  }

  private static List<Integer> numbers(TestReceiver receiver, String record) {
    return receiver.received().stream()
        .map(OrderTest::data)
        .filter(data -> data.path("r").asText().equals(record))
        .map(data -> data.path("n").asInt())
        .toList();
  }

  static JsonNode data(Received request) {
    try {
      return new ObjectMapper().readTree(request.body()).path("data");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long delivered(PipelineFixture pipeline) {
    return pipeline.count("delivery WHERE state = 'delivered'");
  }

  private static long asleep(PipelineFixture pipeline) {
    return pipeline.count("delivery WHERE due_at = 'infinity'");
  }
}
