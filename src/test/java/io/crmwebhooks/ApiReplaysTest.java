package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.ApiClient.Reply;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /rest/replays} and {@code /rest/reconciliation}. */
class ApiReplaysTest extends OnePipeline {
  private static TestReceiver receiver;

  @BeforeAll
  static void start() {
    receiver = TestReceiver.answering(200);
  }

  @AfterAll
  static void stop() {
    receiver.close();
  }

  /** A webhook of its own object, of which there are changes that it has missed. */
  private static UUID webhookThatMissed(String object, int changes) {
    pipeline.changes(object + ".created", changes);
    soon().until(() -> pipeline.count("undispatched") == 0);
    return pipeline.webhook(receiver.url("/" + object), object + ".*");
  }

  private static String request(UUID webhook, String more) {
    return "{\"webhookId\":\"%s\",\"mode\":\"missing\",\"since\":\"2024-01-01T00:00:00Z\"%s}"
        .formatted(webhook, more);
  }

  private static String state(String location) {
    return api.get(location).body().path("state").asText();
  }

  @Test
  void a_dry_run_counts_and_sends_nothing_then_the_replay_sends_and_tells_how_far_it_is() {
    UUID webhook = webhookThatMissed("lens", 25);
    Reply count = api.post("/rest/replays", request(webhook, ",\"dryRun\":true"));
    assertThat(count.status()).isEqualTo(200);
    assertThat(count.body().path("toSend").asInt()).isEqualTo(25);
    assertThat(count.body().path("missing").asInt()).isEqualTo(25);
    assertThat(api.get("/rest/replays?webhookId=" + webhook).body().path("data")).isEmpty();

    Reply started = api.post("/rest/replays", request(webhook, ",\"events\":[\"*.created\"]"));
    assertThat(started.status()).isEqualTo(201);
    String location = started.header("Location");
    soon().until(() -> state(location).equals("done"));
    JsonNode replay = api.get(location).body();
    assertThat(replay.path("progress").asDouble()).isEqualTo(1);
    assertThat(replay.path("owed").asInt()).isEqualTo(25);
    assertThat(replay.at("/deliveries/delivered").asInt()).isEqualTo(25);
    assertThat(replay.at("/events/0").asText()).isEqualTo("*.created");
    assertThat(Instant.parse(replay.path("endedAt").asText())).isBefore(Instant.now());
    assertThat(receiver.received("/lens"))
        .hasSize(25)
        .allMatch(request -> "true".equals(request.headers().get("x-webhook-replay")));
    assertThat(api.post(location + "/pause", null).status()).isEqualTo(409);
  }

  @Test
  void a_replay_is_paused_resumed_and_cancelled() {
    UUID webhook = webhookThatMissed("mirror", 3);
    api.post("/rest/webhooks/" + webhook + "/disable", null);
    String location = api.post("/rest/replays", request(webhook, "")).header("Location");
    soon()
        .until(
            () ->
                api.get(location)
                    .body()
                    .path("waiting")
                    .asText()
                    .equals("the webhook is disabled or in shadow"));
    assertThat(api.post(location + "/pause", null).body().path("state").asText())
        .isEqualTo("paused");
    assertThat(api.post(location + "/resume", null).body().path("state").asText())
        .isEqualTo("running");
    assertThat(api.post(location + "/cancel", null).body().path("state").asText())
        .isEqualTo("cancelled");
    assertThat(api.post(location + "/resume", null).status()).isEqualTo(409);
    assertThat(receiver.received("/mirror")).isEmpty();
  }

  @Test
  void replays_are_listed_newest_first_by_pages() {
    UUID webhook = webhookThatMissed("prism", 1);
    for (int i = 0; i < 3; i++) {
      api.post("/rest/replays", request(webhook, ""));
    }
    JsonNode first = api.get("/rest/replays?limit=2&webhookId=" + webhook).body();
    JsonNode second =
        api.get(
                "/rest/replays?limit=2&webhookId=%s&cursor=%s"
                    .formatted(webhook, first.path("nextCursor").asText()))
            .body();
    assertThat(first.path("data")).hasSize(2);
    assertThat(second.path("data")).hasSize(1);
    assertThat(second.path("nextCursor").isNull()).isTrue();
    assertThat(first.at("/data/0/id").asLong()).isGreaterThan(first.at("/data/1/id").asLong());
    assertThat(first.at("/data/1/id").asLong()).isGreaterThan(second.at("/data/0/id").asLong());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | webhookId is missing; since is missing; mode is missing",
        "{'webhookId':'1','mode':'some','since':'now'} | webhookId must be a UUID; mode must be missing, failed or all; since must be a time with a zone, such as 2025-02-10T15:30:50Z",
        "{'webhookId':'1','mode':'all','since':'2024-01-01T00:00:00Z'} | webhookId must be a UUID",
        "{'webhookId':'00000000-0000-0000-0000-000000000000','mode':'all','since':'2024-01-01T00:00:00Z'} | webhookId is the id of no webhook",
        "{'webhookId':'00000000-0000-0000-0000-000000000000','mode':'all','since':'2024-01-01T00:00:00Z','until':'2023-01-01T00:00:00Z'} | since must be before until",
        "{'webhookId':'00000000-0000-0000-0000-000000000000','mode':'all','since':'2024-01-01T00:00:00Z','events':['x']} | events 'x' is no operation; write object.action, object.*, *.action or *.*",
        "{'webhookId':'00000000-0000-0000-0000-000000000000','mode':'all','since':'2024-01-01T00:00:00Z','dryRun':1,'speed':9} | speed is not a field that can be set here; dryRun must be true or false",
      })
  void what_is_wrong_with_a_request_is_named(String body, String errors) {
    Reply reply = api.post("/rest/replays", body.replace('\'', '"').replace("\"x\" is", "'x' is"));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(String.join("; ", reply.errors())).isEqualTo(errors);
  }

  @ParameterizedTest
  @ValueSource(strings = {"999999", "0", "x", "99999999999999999999"})
  void an_unknown_replay_is_not_found(String id) {
    assertThat(api.get("/rest/replays/" + id).status()).isEqualTo(404);
    assertThat(api.post("/rest/replays/" + id + "/cancel", null).status()).isEqualTo(404);
  }

  @Test
  void a_token_of_a_workspace_sees_and_starts_replays_of_that_workspace_only() {
    UUID mine = pipeline.webhookOf("mine", receiver.url("/mine"), "", "*.*");
    UUID other = pipeline.webhookOf("other", receiver.url("/other"), "", "*.*");
    String theirs = api.post("/rest/replays", request(other, "")).header("Location");
    String token =
        api.post(
                "/rest/tokens",
                "{\"name\":\"replays of mine\",\"role\":\"operate\",\"workspace\":\"mine\"}")
            .body()
            .path("token")
            .asText();
    ApiClient bound = api.as(token);
    assertThat(bound.get(theirs).status()).isEqualTo(404);
    assertThat(bound.post(theirs + "/cancel", null).status()).isEqualTo(404);
    assertThat(bound.post("/rest/replays", request(other, "")).status()).isEqualTo(400);
    assertThat(bound.post("/rest/replays", request(other, ",\"dryRun\":true")).status())
        .isEqualTo(400);
    assertThat(bound.post("/rest/replays", request(mine, "")).status()).isEqualTo(201);
    assertThat(bound.get("/rest/replays").body().path("data")).hasSize(1);
    assertThat(bound.get("/rest/reconciliation").body().path("webhooks")).hasSize(1);
  }

  @Test
  void reconciliation_shows_a_gap_until_a_replay_has_filled_it() {
    UUID webhook = pipeline.webhook(receiver.url("/gap"), "gap.*");
    pipeline.changes("gap.created", 5);
    soon().until(() -> receiver.received("/gap").size() == 5);
    soon().until(() -> pipeline.count("undispatched") == 0);
    String path = "/rest/reconciliation?since=2024-01-01T00:00:00Z&webhookId=" + webhook;
    assertThat(api.get(path).body().path("gap").asInt()).isZero();

    pipeline.sql(
        "DELETE FROM webhooks.delivery WHERE subscription_id = ? AND change_id IN (SELECT max(id) FROM webhooks.change WHERE object = 'gap')",
        webhook);
    JsonNode report = api.get(path).body();
    assertThat(report.path("gap").asInt()).isEqualTo(1);
    assertThat(report.at("/webhooks/0/matched").asInt()).isEqualTo(5);
    assertThat(report.at("/webhooks/0/delivered").asInt()).isEqualTo(4);
    assertThat(report.at("/gaps/0/event").asText()).isEqualTo("gap.created");
    assertThat(report.at("/gaps/0/recordId").asText()).isEqualTo("5");

    String location = api.post("/rest/replays", request(webhook, "")).header("Location");
    soon().until(() -> state(location).equals("done"));
    assertThat(api.get(path).body().path("gap").asInt()).isZero();
    assertThat(receiver.received("/gap")).hasSize(6);
  }
}
