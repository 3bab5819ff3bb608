package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.admin.Caller;
import io.crmwebhooks.admin.Caller.Role;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Problem;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists and views of deliveries, some in the database and some in a topic. */
class KafkaDeliveriesTest extends KafkaOperations {
  @Test
  void delivered_ones_are_listed_of_a_range_or_of_a_change_only() throws Exception {
    changes(4);
    arrived(1, 2, 3);
    here("dead", 4);
    assertThat(changes(get("/rest/deliveries?state=delivered&" + since())))
        .containsExactlyInAnyOrder(3L, 2L, 1L);
    JsonNode of = get("/rest/deliveries?state=delivered&changeId=2");
    assertThat(changes(of)).containsExactly(2L);
    assertThat(of.path("nextCursor").isNull()).isTrue();
    for (String range : List.of("", "&since=2020-01-01T00:00:00Z", "&until=" + Instant.now())) {
      assertThatThrownBy(() -> get("/rest/deliveries?state=delivered" + range))
          .isInstanceOfSatisfying(
              Problem.class,
              problem -> {
                assertThat(problem.status()).isEqualTo(400);
                assertThat(problem.errors()).extracting("field").containsExactly("since");
              });
    }
  }

  @Test
  void a_row_tells_the_same_as_one_of_the_tables() throws Exception {
    changes(1);
    arrived(1);
    JsonNode row = get("/rest/deliveries?state=delivered&" + since()).at("/data/0");
    ObjectNode outcome = outcome(1);
    assertThat(row.path("id")).isEqualTo(outcome.path("id"));
    assertThat(row.path("event").asText()).isEqualTo("person.created");
    assertThat(row.path("recordId").asText()).isEqualTo("r1");
    assertThat(row.path("attemptCount").asInt()).isEqualTo(1);
    assertThat(row.path("durationMs").asInt()).isEqualTo(12);
    assertThat(Instant.parse(row.path("attemptedAt").asText()).toEpochMilli())
        .isEqualTo(outcome.path("attempted_ms").asLong());
    assertThat(row.path("occurredAt").isTextual()).isTrue();
  }

  @Test
  void a_list_without_a_state_has_both_where_a_range_is_given() throws Exception {
    changes(60);
    for (long change = 1; change <= 60; change++) {
      if (change % 3 == 0) {
        here("pending", change);
      } else {
        outcomes.write(outcome(change), Instant.now());
      }
    }
    outcomes.flush();
    JsonNode without = get("/rest/deliveries");
    assertThat(changes(without)).hasSize(20).allMatch(change -> change % 3 == 0);
    assertThat(without.path("deliveredLeftOut").asBoolean()).isTrue();
    List<Long> all = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = get("/rest/deliveries?limit=7&" + since() + "&cursor=" + cursor);
      assertThat(page.path("deliveredLeftOut").asBoolean()).isFalse();
      assertThat(changes(page)).hasSizeLessThanOrEqualTo(7);
      all.addAll(changes(page));
      cursor = page.path("nextCursor").textValue();
    } while (cursor != null);
    assertThat(all).doesNotHaveDuplicates().hasSize(60);
    assertThatThrownBy(() -> get("/rest/deliveries?cursor=abc&" + since()))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.errors()).extracting("field").containsExactly("cursor"));
  }

  @Test
  void a_delivery_is_shown_with_its_body_and_attempts() throws Exception {
    changes(2);
    arrived(1);
    ObjectNode late = outcome(2).put("attempts", 2);
    late.putArray("history")
        .add(
            Json.object()
                .put("number", 1)
                .put("attempted_ms", 1_700_000_000_000L)
                .put("duration_ms", 5)
                .put("status", 500)
                .put("error", "HTTP 500")
                .put("response", "oh no"))
        .add(
            Json.object()
                .put("number", 2)
                .put("attempted_ms", 1_700_000_060_000L)
                .put("duration_ms", 6)
                .put("status", 200));
    outcomes.write(late, Instant.now());
    outcomes.flush();
    JsonNode shown = get("/rest/deliveries/" + outcome(1).path("id").asText());
    assertThat(shown.path("state").asText()).isEqualTo("delivered");
    assertThat(shown.path("body").asText()).contains("\"event\":\"person.created\"");
    assertThat(shown.path("attempts")).hasSize(1);
    assertThat(shown.at("/attempts/0/status").asInt()).isEqualTo(200);
    JsonNode tried = get("/rest/deliveries/" + late.path("id").asText()).path("attempts");
    assertThat(tried).hasSize(2);
    assertThat(tried.at("/0/response").asText()).isEqualTo("oh no");
    assertThat(tried.at("/1/attemptedAt").asText()).startsWith("2023-11-14T22:14:20");
    Caller stranger = new Caller("test", Role.ADMIN, "other");
    for (Caller caller : List.of(OPERATOR, stranger)) {
      String id = outcome(caller == stranger ? 1 : 2).path("id").asText();
      String unknown = caller == stranger ? id : id.replace("msg_0000", "msg_0001");
      assertThatThrownBy(() -> call(caller, "GET", "/rest/deliveries/" + unknown, null))
          .isInstanceOfSatisfying(
              Problem.class, problem -> assertThat(problem.status()).isEqualTo(404));
    }
  }

  @Test
  void an_event_shows_all_its_deliveries() throws Exception {
    changes(2);
    UUID first = webhook;
    arrived(1);
    webhook = webhook("");
    here("pending", 1);
    JsonNode event = get("/rest/events/1");
    assertThat(event.path("deliveriesComplete").asBoolean()).isTrue();
    assertThat(event.path("deliveries")).hasSize(2);
    assertThat(event.path("deliveries").findValuesAsText("state"))
        .containsExactlyInAnyOrder("delivered", "pending");
    assertThat(event.path("deliveries").findValuesAsText("webhookId")).contains(first.toString());
    assertThat(get("/rest/events/2").path("deliveries")).isEmpty();
  }

  @Test
  void what_the_engine_delivers_is_listed_accounted_for_and_sent_again() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = PipelineFixture.onKafka().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.changes("person.created", 30);
      soon().until(() -> receiver.received().size() == 30);
      soon().until(() -> pipeline.count("undispatched") == 0);
      ApiClient client = pipeline.api();
      JsonNode page = client.get("/rest/deliveries?state=delivered&" + since()).body();
      assertThat(page.path("data")).hasSize(30);
      Cli cli = Cli.asking(pipeline.url(), PipelineFixture.TOKEN);
      assertThat(cli.run("delivery", "list").err()).contains("have arrived are left out");
      assertThat(cli.run("delivery", "list", "--since", "1h").err()).isEmpty();
      JsonNode fates = fates(client);
      assertThat(fates.path("delivered").asInt()).isEqualTo(30);
      assertThat(fates.path("gap").asInt()).isZero();
      String path = "/rest/deliveries/" + page.at("/data/0/id").asText();
      assertThat(client.post(path + "/redeliver", null).status()).isEqualTo(202);
      soon().until(() -> receiver.received().size() == 31);
      soon().until(() -> pipeline.count("delivery") == 0);
      assertThat(client.get(path).body().path("attempts")).hasSize(2);
    }
  }

  @Test
  void what_customise_delivery_sets_is_in_the_topic_and_a_replay_sends_what_is_missing(
      @TempDir Path routes) throws Exception {
    EditedRoutes edited = EditedRoutes.in(routes);
    edited.customiseDelivery(
        "form",
        """
        - setHeader:
            name: X-Region
            expression:
              constant:
                expression: eu
        - setBody:
            expression:
              simple:
                expression: "Zoë, ${variable.change.record[n]}"
        """);
    edited.customiseDelivery(
        "left", "- setBody: {expression: {simple: {expression: \"${null}\"}}}");
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = PipelineFixture.on("kafka", edited).start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.changes("form.created", 2);
      pipeline.changes("left.created", 1);
      pipeline.awaitRecorded();
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 2);
      assertThat(receiver.received()).extracting(Received::text).contains("Zoë, 1", "Zoë, 2");
      ApiClient client = pipeline.api();
      String id = receiver.received().get(0).id();
      JsonNode shown = client.get("/rest/deliveries/" + id).body();
      assertThat(shown.path("body").asText()).startsWith("Zoë, ");
      assertThat(shown.at("/request/headers/X-Region").asText()).isEqualTo("eu");
      assertThat(fates(client).path("gap").asInt()).as("one is left out").isZero();

      pipeline.pastChanges("form.created", 3);
      assertThat(fates(client).path("gap").asInt()).isEqualTo(3);
      String replay =
          "{\"webhookId\":\"%s\",\"mode\":\"missing\",\"since\":\"%s\"}"
              .formatted(webhook, Instant.now().minusSeconds(3600));
      assertThat(client.post("/rest/replays", replay).status()).isEqualTo(201);
      soon().until(() -> fates(client).path("gap").asInt() == 0);
      soon().until(() -> fates(client).path("delivered").asInt() == 5);
      assertThat(receiver.received()).hasSize(5).extracting(Received::id).doesNotHaveDuplicates();
    }
  }

  private static JsonNode fates(ApiClient client) {
    return client.get("/rest/reconciliation").body().at("/webhooks/0");
  }
}
