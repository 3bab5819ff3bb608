package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.await;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.admin.ReplayMode;
import io.crmwebhooks.admin.Replays;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Replays on the real routes: how they give way, wait, and end before their time. */
class ReplayTurnsTest extends Replaying {
  @Test
  void what_happens_now_is_sent_while_a_replay_to_the_same_webhook_waits_for_answers()
      throws Exception {
    CountDownLatch live = new CountDownLatch(20);
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  if (saysReplay(request)) {
                    await(live);
                  } else {
                    live.countDown();
                  }
                  respond(exchange, 200, "");
                });
        PipelineFixture pipeline = new PipelineFixture()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET concurrency = 6");
      pipeline.pastChanges("person.created", 30);
      pipeline.start();
      long replay = start(pipeline, webhook, ReplayMode.MISSING);
      soon().until(() -> receiver.received().size() == 3);
      pipeline.changes("person.updated", 20);
      assertThat(live.await(15, TimeUnit.SECONDS)).as("20 sent past 3 that hang").isTrue();
      assertThat(receiver.received().stream().filter(Replaying::saysReplay))
          .as("half of what may be in flight")
          .hasSize(3);
      awaitDone(pipeline, replay);
      assertThat(pipeline.count("delivery WHERE state = 'delivered'")).isEqualTo(50);
    }
  }

  @Test
  void a_replay_to_a_webhook_that_never_answers_does_not_hold_up_another_webhook()
      throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  if (request.path().equals("/silent")) {
                    await(end);
                  }
                  respond(exchange, 200, "");
                });
        PipelineFixture pipeline = new PipelineFixture("webhooks.shutdown.timeout", "1s")) {
      UUID silent = pipeline.webhook(receiver.url("/silent"), "person.*");
      pipeline.webhook(receiver.url("/other"), "company.*");
      pipeline.pastChanges("person.created", 2000);
      pipeline.start();
      start(pipeline, silent, ReplayMode.MISSING);
      soon().until(() -> receiver.received("/silent").size() == 16);
      pipeline.changes("company.created", 2000);
      soon().until(() -> receiver.received("/other").size() == 2000);
      assertThat(receiver.received("/silent")).as("half of 32 attempts").hasSize(16);
      // no more is owed than is being sent, once the last answers of the other one are recorded
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 16);
      end.countDown();
    }
  }

  @Test
  void a_replay_that_meets_only_failures_stops_owing() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline =
            new PipelineFixture(SCHEDULE, "1h", "webhooks.replay.failures", "40")) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.pastChanges("person.created", 500);
      pipeline.start();
      long replay = start(pipeline, webhook, ReplayMode.MISSING);
      soon().until(() -> show(pipeline, replay).path("waiting").asText().contains("failed"));
      assertThat(show(pipeline, replay).path("owed").asInt()).isBetween(41, 40 + 16);
      pipeline.sql("UPDATE webhooks.delivery SET state = 'dead', due_at = NULL");
      soon().until(() -> show(pipeline, replay).path("owed").asInt() > 60);
    }
  }

  @Test
  void a_replay_looks_once_a_second_while_the_endpoint_is_paused_or_takes_one_in_hours()
      throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline =
            new PipelineFixture(
                "webhooks.delivery.concurrency", "4", "webhooks.replay.delay", "1s")) {
      pipeline.changes("person.created", 50);
      pipeline.start();
      awaitDispatched(pipeline);
      UUID paused = pipeline.webhook(receiver.url("/paused"));
      UUID limited = pipeline.webhook(receiver.url("/limited"));
      pipeline.sql(
          "INSERT INTO webhooks.endpoint (subscription_id, failing_since, paused_until, pauses)"
              + " VALUES (?, now(), now() + interval '1 hour', 1)",
          paused);
      pipeline.sql("UPDATE webhooks.subscription SET rate_limit = 0.0001 WHERE id = ?", limited);
      start(pipeline, paused, ReplayMode.MISSING);
      start(pipeline, limited, ReplayMode.MISSING);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 4);
      // A step moves due_at to the end of a lease and then to when it looks again.
      soon()
          .until(
              () ->
                  pipeline.count(
                          "replay WHERE due_at BETWEEN now() + interval '200 ms'"
                              + " AND now() + interval '1 s'")
                      == 2);
      assertThat(receiver.received("/paused")).isEmpty();
    }
  }

  @Test
  void a_paused_replay_owes_nothing_until_it_is_resumed_and_a_cancelled_one_never()
      throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (TestReceiver receiver = TestReceiver.answeringAfter(answer);
        PipelineFixture pipeline = new PipelineFixture()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.pastChanges("person.created", 100);
      pipeline.start();
      Replays replays = new Replays(pipeline.statements());
      long replay = start(pipeline, webhook, ReplayMode.MISSING);
      soon().until(() -> receiver.received().size() == 16);
      assertThat(replays.pause(replay, null).orElseThrow().path("state").asText())
          .isEqualTo("paused");
      answer.countDown();
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 16);
      assertThat(replays.pause(replay, null)).as("pausing twice").isPresent();
      assertThat(show(pipeline, replay).path("owed").asInt()).isEqualTo(16);

      replays.resume(replay, null);
      awaitDone(pipeline, replay);
      assertThat(receiver.received()).hasSize(100);
      assertThatThrownBy(() -> replays.pause(replay, null))
          .isInstanceOf(Problem.class)
          .hasMessage("replay %d is done and cannot become paused", replay);
      assertThat(replays.pause(99, null)).isEmpty();
    }
  }

  @Test
  void a_cancelled_replay_takes_back_what_has_not_arrived() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline =
            new PipelineFixture(SCHEDULE, "1h", "webhooks.replay.failures", "0")) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET concurrency = 1");
      pipeline.pastChanges("person.created", 10);
      pipeline.sql(
          "INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts, error) "
              + "SELECT id, ?, 'dead', 10, 'HTTP 404' FROM webhooks.change WHERE id <= 5",
          webhook);
      pipeline.start();
      Replays replays = new Replays(pipeline.statements());
      long missing = start(pipeline, webhook, ReplayMode.MISSING);
      soon().until(() -> pipeline.count("delivery WHERE attempts = 1") == 1);
      replays.cancel(missing, null);
      long failed = start(pipeline, webhook, ReplayMode.FAILED);
      soon().until(() -> pipeline.count("delivery WHERE attempts = 11") == 1);
      replays.cancel(failed, null);
      assertThat(replays.cancel(failed, null)).as("cancelling twice").isPresent();
      assertThat(pipeline.sql("SELECT change_id, state, error FROM webhooks.delivery ORDER BY 1"))
          .extracting(
              row -> row.get("change_id") + " " + row.get("state") + ", " + row.get("error"))
          .containsExactly(
              "1 dead, HTTP 500",
              "2 dead, HTTP 404",
              "3 dead, HTTP 404",
              "4 dead, HTTP 404",
              "5 dead, HTTP 404",
              "6 cancelled, its replay was cancelled");
      assertThatThrownBy(() -> replays.resume(failed, null)).isInstanceOf(Problem.class);
    }
  }

  @Test
  void replays_of_one_webhook_wait_for_each_other() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (TestReceiver receiver = TestReceiver.answeringAfter(answer);
        PipelineFixture pipeline = new PipelineFixture()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.pastChanges("person.created", 40);
      pipeline.start();
      long first = start(pipeline, webhook, ReplayMode.ALL);
      long second = start(pipeline, webhook, ReplayMode.ALL);
      soon().until(() -> receiver.received().size() == 16);
      assertThat(show(pipeline, second).path("waiting").asText())
          .isEqualTo("replay " + first + " of the same webhook goes first");
      assertThat(show(pipeline, second).path("owed").asInt()).isZero();
      answer.countDown();
      awaitDone(pipeline, second);
      assertThat(receiver.received()).hasSize(80);
    }
  }

  @Test
  void a_replay_to_a_disabled_webhook_waits_and_one_to_a_deleted_webhook_ends() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.pastChanges("person.created", 10);
      pipeline.sql("UPDATE webhooks.subscription SET enabled = false");
      pipeline.start();
      long replay = start(pipeline, webhook, ReplayMode.MISSING);
      soon()
          .until(
              () ->
                  show(pipeline, replay)
                      .path("waiting")
                      .asText()
                      .equals("the webhook is disabled or in shadow"));
      pipeline.remove(webhook);
      soon().until(() -> show(pipeline, replay).path("state").asText().equals("cancelled"));
      assertThat(show(pipeline, replay).path("error").asText())
          .isEqualTo("the webhook was deleted");
      assertThat(pipeline.count("delivery")).isZero();
    }
  }
}
