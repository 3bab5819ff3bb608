package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.admin.ReplayMode;
import io.crmwebhooks.admin.Replays;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.wiring.Pipeline;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays on the real routes: what they owe, and under which ids. */
class ReplayTest extends Replaying {
  @Test
  void a_new_webhook_gets_what_it_missed_under_the_ids_that_it_would_have_had() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/old"));
      pipeline.changes("person.created", 50);
      awaitDispatched(pipeline);
      UUID webhook = pipeline.webhook(receiver.url("/new"));
      long replay = start(pipeline, webhook, ReplayMode.MISSING);
      awaitDone(pipeline, replay);
      assertThat(receiver.received("/new")).hasSize(50).allMatch(Replaying::saysReplay);
      assertThat(receiver.received("/old")).hasSize(50).noneMatch(Replaying::saysReplay);
      assertThat(ids(receiver, "/new"))
          .allMatch(
              id ->
                  id.matches(
                      "msg_[0-9a-f]{16}" + webhook.toString().replace("-", "") + "[0-9a-f]{13}"));
      JsonNode shown = pipeline.api().get("/rest/replays/" + replay).body();
      assertThat(shown.path("owed").asLong()).isEqualTo(50);
      assertThat(shown.path("progress").asDouble()).isEqualTo(1);
      assertThat(shown.path("deliveries").path("delivered").asLong()).isEqualTo(50);

      String again =
          "{\"webhookId\":\"%s\",\"mode\":\"missing\",\"since\":\"1970-01-01T00:00:00Z\"}"
              .formatted(webhook);
      JsonNode second = pipeline.api().post("/rest/replays", again).body();
      awaitDone(pipeline, second.path("id").asLong());
      assertThat(receiver.received("/new")).as("after a second replay").hasSize(50);
    }
  }

  @OnBothEngines
  void what_has_failed_is_sent_again_under_its_id_with_a_new_schedule() throws Exception {
    AtomicBoolean works = new AtomicBoolean(false);
    try (TestReceiver receiver =
            TestReceiver.answering(
                (r, exchange) -> respond(exchange, works.get() ? 200 : 500, ""));
        PipelineFixture pipeline = new PipelineFixture(SCHEDULE, "20ms").start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 3);
      soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 3);
      List<String> before = ids(receiver, "/");

      awaitDone(pipeline, start(pipeline, webhook, ReplayMode.FAILED));
      assertThat(receiver.received()).as("two attempts by each of two schedules").hasSize(12);
      assertThat(pipeline.sql("SELECT DISTINCT state, attempts FROM webhooks.delivery"))
          .extracting(row -> row.get("state") + " " + row.get("attempts"))
          .containsExactly("dead 4");
      assertThat(pipeline.count("attempt")).isEqualTo(12);

      works.set(true);
      pipeline.sql("UPDATE webhooks.delivery SET state = 'cancelled' WHERE change_id = 2");
      awaitDone(pipeline, start(pipeline, webhook, ReplayMode.FAILED));
      assertThat(pipeline.count("delivery WHERE state = 'delivered'")).isEqualTo(3);
      assertThat(ids(receiver, "/").stream().distinct().toList())
          .isEqualTo(before.stream().distinct().toList());
      assertThat(receiver.received().stream().filter(Replaying::saysReplay)).hasSize(9);

      awaitDone(pipeline, start(pipeline, webhook, ReplayMode.FAILED));
      assertThat(receiver.received()).as("after a replay with nothing to do").hasSize(15);
    }
  }

  @OnBothEngines
  void everything_is_sent_again_under_new_ids_that_the_receiver_has_not_seen() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 20);
      soon().until(() -> pipeline.count("delivery") == 20);
      long replay = start(pipeline, webhook, ReplayMode.ALL);
      awaitDone(pipeline, replay);
      assertThat(receiver.received()).hasSize(40);
      assertThat(ids(receiver, "/").stream().distinct()).hasSize(40);
      List<Received> replayed = receiver.received().stream().filter(Replaying::saysReplay).toList();
      assertThat(replayed)
          .hasSize(20)
          .allMatch(request -> request.id().matches("msg_[0-9a-f]{61}_[0-9]{16}"));
      assertThat(replayed.stream().map(Received::text).sorted())
          .as("bodies")
          .isEqualTo(
              receiver.received().stream()
                  .filter(request -> !saysReplay(request))
                  .map(Received::text)
                  .sorted()
                  .toList());
    }
  }

  @Test
  void only_what_matches_the_range_the_events_the_operations_and_the_workspace_is_sent()
      throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.sql(
          "INSERT INTO webhooks.change (workspace, event, record_id, record, occurred_at) SELECT w, e, r, CAST(j AS json), now() - d * interval '1 day' FROM (VALUES "
              + "('a', 'person.created', '1', '{\"n\":1}', 4),"
              + "('a', 'person.created', '2', '{\"n\":2}', 3),"
              + "('a', 'person.updated', '3', '{\"n\":3}', 3),"
              + "('a', 'company.created', '4', '{\"n\":4}', 3),"
              + "('b', 'person.created', '5', '{\"n\":5}', 3),"
              + "('a', 'person.created', '6', '{\"n\":6}', 2)) AS c(w, e, r, j, d)");
      awaitDispatched(pipeline);
      UUID webhook = pipeline.webhookOf("a", receiver.url("/"), "", "person.*");
      Replays.Request request =
          new Replays.Request(
              webhook,
              null,
              ReplayMode.MISSING,
              Instant.now().minus(84, ChronoUnit.HOURS),
              Instant.now().minus(60, ChronoUnit.HOURS),
              List.of("*.created"));
      ObjectNode count =
          new Replays(pipeline.statements()).count(request, fraction -> {}).orElseThrow();
      awaitDone(pipeline, start(pipeline, request));
      assertThat(receiver.received()).hasSize(1);
      assertThat(receiver.received().get(0).text()).contains("\"n\":2");
      assertThat(count.path("toSend").asLong()).isEqualTo(1);
      assertThat(count.path("matched").asLong()).isEqualTo(1);
    }
  }

  @Test
  void replayed_changes_are_customised_dropped_or_refused_as_others_are(@TempDir Path routes)
      throws Exception {
    EditedRoutes edited =
        EditedRoutes.in(routes)
            .customise(
                "person",
                """
                - script:
                    expression:
                      simple:
                        expression: "${body.record.remove('phone')}"
                """)
            .customise(
                "broken",
                """
                - throwException:
                    exceptionType: java.lang.IllegalStateException
                    message: no such thing
                """)
            .customise(
                "secret",
                """
                - setBody:
                    expression:
                      simple:
                        expression: "${null}"
                """);
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture(edited)) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{\"name\":\"Ann\",\"phone\":\"1\"}");
      pipeline.change("secret.created", "{}");
      pipeline.change("broken.created", "{}");
      pipeline.change("company.created", "{\"name\":\"Ann & Co\"}");
      pipeline.sql("DELETE FROM webhooks.change_queue");
      pipeline.start();
      long replay = start(pipeline, webhook, ReplayMode.MISSING);
      awaitDone(pipeline, replay);
      assertThat(receiver.received())
          .extracting(request -> request.text().replaceAll(",\"timestamp.*", ""))
          .containsExactlyInAnyOrder(
              "{\"event\":\"person.created\",\"data\":{\"name\":\"Ann\"}",
              "{\"event\":\"company.created\",\"data\":{\"name\":\"Ann & Co\"}");
      ObjectNode shown = show(pipeline, replay);
      assertThat(shown.path("dropped").asLong()).isEqualTo(1);
      assertThat(shown.path("refused").asLong()).isEqualTo(1);
      assertThat(shown.path("error").asText()).startsWith("change 3: ").contains("no such thing");
      assertThat(pipeline.count("dropped_change WHERE change_id = 2")).isEqualTo(1);
      assertThat(pipeline.count("parked_change")).isZero();
    }
  }

  @Test
  void what_a_dead_process_was_doing_is_done_when_its_lease_has_ended() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.pastChanges("person.created", 100);
      long replay = start(pipeline, webhook, ReplayMode.MISSING);
      pipeline.sql("UPDATE webhooks.replay SET position = 40, due_at = now() + interval '3 s'");
      pipeline.start();
      awaitDone(pipeline, replay);
      assertThat(receiver.received()).as("what was left").hasSize(60);
    }
  }

  @Test
  void two_processes_carry_a_replay_and_owe_everything_once() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture("webhooks.replay.pause", "1ms")) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.pastChanges("person.created", 300);
      long replay = start(pipeline, webhook, ReplayMode.ALL);
      pipeline.start();
      try (Pipeline other = pipeline.startAnother()) {
        awaitDone(pipeline, replay);
      }
      assertThat(receiver.received()).hasSize(300);
      assertThat(show(pipeline, replay).path("owed").asInt()).isEqualTo(300);
    }
  }

  @Test
  void what_was_committed_since_is_sent_although_it_was_made_before() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture();
        Connection slow = pipeline.connection()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 1);
      for (int run = 0; run < 4; run++) { // until the first is settled
        pipeline.sql(Sql.sql("note-times.sql"));
      }
      slow.setAutoCommit(false);
      slow.createStatement()
          .execute("INSERT INTO webhooks.change (event, record) VALUES ('person.updated', '{}')");
      pipeline.sql("DELETE FROM webhooks.log_mark");
      pipeline.sql(Sql.sql("note-times.sql"));
      Thread.sleep(5); // the mark is before
      Instant since = Instant.now();
      slow.commit();
      pipeline.sql("DELETE FROM webhooks.change_queue");
      pipeline.start();
      awaitDone(
          pipeline,
          start(pipeline, new Replays.Request(webhook, null, ReplayMode.ALL, since, null, null)));
      assertThat(receiver.received()).hasSize(1);
      assertThat(receiver.received().get(0).text()).contains("person.updated");
    }
  }

  @Test
  void changes_that_are_gone_are_counted_and_not_sent() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture()) {
      UUID webhook = pipeline.webhook(receiver.url("/"), "person.*");
      pipeline.changes("company.created", 1);
      pipeline.pastChanges("person.created", 10);
      pipeline.sql(
          "UPDATE webhooks.change SET occurred_at = now() - interval '40 days' WHERE id <= 4");
      pipeline.sql("INSERT INTO webhooks.log_mark VALUES (now() - interval '40 days', 4)");
      pipeline.sql("UPDATE webhooks.change SET record = NULL WHERE id = 5");
      pipeline.start();
      soon().until(() -> pipeline.count("change") == 7);
      Replays.Request request = request(webhook, ReplayMode.ALL);
      ObjectNode count =
          new Replays(pipeline.statements()).count(request, fraction -> {}).orElseThrow();
      assertThat(count.path("removed").asInt()).as("3 by retention, 1 emptied").isEqualTo(4);
      assertThat(count.path("toSend").asInt()).isEqualTo(6);
      assertThat(Instant.parse(count.path("completeSince").asText()))
          .isBetween(
              Instant.now().minusSeconds(41 * 86_400), Instant.now().minusSeconds(39 * 86_400));
      awaitDone(pipeline, start(pipeline, request));
      assertThat(receiver.received()).hasSize(6);
    }
  }
}
