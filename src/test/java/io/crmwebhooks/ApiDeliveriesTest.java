package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.ApiClient.Reply;
import io.crmwebhooks.database.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /rest/deliveries}: the log of what was sent, and sending it again. */
class ApiDeliveriesTest {
  private static PipelineFixture pipeline;
  private static ApiClient api;
  private static TestReceiver good;
  private static TestReceiver bad;

  @BeforeAll
  static void start() {
    pipeline = new PipelineFixture("webhooks.delivery.retry-schedule", "30ms").start();
    api = pipeline.api();
    good = TestReceiver.answering(200);
    bad = TestReceiver.answering(503);
  }

  @AfterAll
  static void stop() {
    pipeline.close();
    good.close();
    bad.close();
  }

  private static void await(UUID webhook, String state, int count) {
    soon()
        .until(
            () ->
                pipeline.count(
                        "delivery WHERE state = '"
                            + state
                            + "' AND subscription_id = '"
                            + webhook
                            + "'")
                    == count);
  }

  private static List<String> ids(JsonNode page) {
    return page.path("data").findValuesAsText("id");
  }

  @Test
  void a_delivered_one_shows_its_attempt_and_the_body_as_it_was_sent() {
    UUID webhook = pipeline.webhook(good.url("/shown"), "shown.*");
    pipeline.change("shown.updated", "{\"n\": 1.50}");
    await(webhook, "delivered", 1);
    JsonNode listed = api.get("/rest/deliveries?webhookId=" + webhook).body().at("/data/0");
    assertThat(listed.path("event").asText()).isEqualTo("shown.updated");
    assertThat(listed.path("recordId").asText()).isEqualTo("r1");
    assertThat(listed.path("attemptCount").asInt()).isEqualTo(1);
    JsonNode shown = api.get("/rest/deliveries/" + listed.path("id").asText()).body();
    TestReceiver.Received received = good.received("/shown").get(0);
    assertThat(shown.path("id").asText()).isEqualTo(received.id());
    assertThat(shown.path("body").asText()).isEqualTo(received.text());
    assertThat(shown.path("targetUrl").asText()).isEqualTo(good.url("/shown"));
    JsonNode attempt = shown.at("/attempts/0");
    assertThat(attempt.path("status").asInt()).isEqualTo(200);
    assertThat(attempt.path("error").isNull()).isTrue();
    assertThat(attempt.at("/requestHeaders/webhook-id").asText()).isEqualTo(received.id());
    assertThat(attempt.at("/requestHeaders/User-Agent").asText())
        .isEqualTo(received.headers().get("user-agent"));
    assertThat(shown.toString())
        .doesNotContain(PipelineFixture.SECRET)
        .doesNotContain(received.headers().get("webhook-signature"));
  }

  @Test
  void one_of_an_array_is_shown_as_it_was_in_it() {
    UUID webhook = pipeline.webhook(good.url("/array"), "array.*");
    pipeline.sql("UPDATE webhooks.subscription SET batch_size = 5 WHERE id = ?", webhook);
    pipeline.change("array.created", "{\"n\": 1.50}");
    await(webhook, "delivered", 1);
    String id = ids(api.get("/rest/deliveries?webhookId=" + webhook).body()).get(0);
    String body = api.get("/rest/deliveries/" + id).body().path("body").asText();
    assertThat("[" + body + "]").isEqualTo(good.received("/array").get(0).text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"secret\":\"s\"",
        "\"secret\":\"\"",
        "\"secret\":\"s\",\"signatureSchemes\":[\"twenty\"]",
        "\"secret\":\"s\",\"signatureSchemes\":[\"standard\"]",
        "\"ed25519\":true",
        "\"batchSize\":5,\"compress\":\"gzip\",\"format\":\"cloudevents\"",
        "\"secret\":\"s\",\"headers\":{\"X-Own\":\"hush\"}"
      })
  void an_attempt_shows_the_headers_that_such_a_webhook_gets(String signing) {
    String path = "/headers-" + UUID.randomUUID();
    Reply made =
        api.post(
            "/rest/webhooks",
            "{\"targetUrl\":\"%s\",\"operations\":[\"headers.*\"],%s}"
                .formatted(good.url(path), signing));
    UUID webhook = UUID.fromString(made.body().path("id").asText());
    pipeline.change("headers.created", "{}");
    await(webhook, "delivered", 1);
    String id = ids(api.get("/rest/deliveries?webhookId=" + webhook).body()).get(0);
    JsonNode headers = api.get("/rest/deliveries/" + id).body().at("/attempts/0/requestHeaders");
    Set<String> shown = new TreeSet<>();
    headers.fieldNames().forEachRemaining(name -> shown.add(name.toLowerCase(Locale.ROOT)));
    Map<String, String> received = good.received(path).get(0).headers();
    Set<String> sent = new TreeSet<>(received.keySet());
    sent.removeAll(Set.of("accept", "accept-encoding", "connection", "content-length", "host"));
    assertThat(shown).isEqualTo(sent);
    assertThat(headers.path("Content-Type").asText()).isEqualTo(received.get("content-type"));
    api.delete("/rest/webhooks/" + webhook);
  }

  @Test
  void a_dead_one_shows_why_each_attempt_failed_and_can_be_sent_again() {
    UUID webhook = pipeline.webhook(bad.url("/dead"), "dying.*");
    pipeline.change("dying.created", "{}");
    await(webhook, "dead", 1);
    String id = ids(api.get("/rest/deliveries?state=dead&webhookId=" + webhook).body()).get(0);
    JsonNode shown = api.get("/rest/deliveries/" + id).body();
    assertThat(shown.path("attempts").findValuesAsText("error"))
        .containsExactly("HTTP 503", "HTTP 503");
    assertThat(shown.path("attempts").findValuesAsText("response"))
        .containsExactly("answer 503", "answer 503");
    assertThat(
            api.patch("/rest/webhooks/" + webhook, "{\"targetUrl\":\"" + good.url("/dead") + "\"}")
                .status())
        .isEqualTo(200);
    Reply again = api.post("/rest/deliveries/" + id + "/redeliver", null);
    assertThat(again.status()).isEqualTo(202);
    await(webhook, "delivered", 1);
    assertThat(good.received("/dead").get(0).id()).isEqualTo(id);
    assertThat(api.get("/rest/deliveries/" + id).body().path("attempts")).hasSize(3);
  }

  /** A webhook with one delivery, which was sent at once. */
  private static UUID delivered(String object) {
    UUID webhook = pipeline.webhook(good.url("/" + object), object + ".*");
    pipeline.change(object + ".created", "{}");
    await(webhook, "delivered", 1);
    return webhook;
  }

  /** The id of a delivery that was sent, and sent again by hand. */
  private static String deliveredTwice(String object) {
    UUID webhook = delivered(object);
    String id = ids(api.get("/rest/deliveries?webhookId=" + webhook).body()).get(0);
    assertThat(api.post("/rest/deliveries/" + id + "/redeliver", null).status()).isEqualTo(202);
    soon().until(() -> good.received("/" + object).size() == 2);
    await(webhook, "delivered", 1);
    return id;
  }

  @Test
  void a_delivered_one_can_be_sent_again_and_keeps_its_first_attempt() {
    String id = deliveredTwice("twice");
    assertThat(good.received("/twice").get(1).text())
        .isEqualTo(good.received("/twice").get(0).text());
    assertThat(api.get("/rest/deliveries/" + id).body().path("attempts")).hasSize(2);
  }

  @Test
  void one_that_a_replay_has_owed_says_so_from_that_attempt_on() {
    String id = deliveredTwice("replayed");
    assertThat(api.get("/rest/deliveries/" + id).body().path("replayId").isNull()).isTrue();
    pipeline.sql("UPDATE webhooks.delivery SET replayed_by = 7 WHERE id = ?", id);
    JsonNode shown = api.get("/rest/deliveries/" + id).body();
    assertThat(shown.path("replayId").asInt()).isEqualTo(7);
    assertThat(shown.at("/attempts/0/requestHeaders").has("X-Webhook-Replay")).isFalse();
    assertThat(shown.at("/attempts/1/requestHeaders/X-Webhook-Replay").asText()).isEqualTo("true");
  }

  @Test
  void dead_ones_are_sent_again_by_filter_or_by_their_ids() {
    UUID webhook = pipeline.webhook(bad.url("/many"), "many.*");
    UUID other = pipeline.webhook(bad.url("/others"), "many.*");
    pipeline.changes("many.created", 12);
    await(webhook, "dead", 12);
    await(other, "dead", 12);
    api.patch("/rest/webhooks/" + webhook, "{\"targetUrl\":\"" + good.url("/many") + "\"}");
    List<String> two =
        ids(api.get("/rest/deliveries?limit=2&state=dead&webhookId=" + webhook).body());
    JsonNode byIds =
        api.post("/rest/deliveries/redeliver", "{\"ids\":[\"" + String.join("\",\"", two) + "\"]}")
            .body();
    assertThat(byIds.path("redelivered").asInt()).isEqualTo(2);
    await(webhook, "delivered", 2);
    JsonNode byFilter =
        api.post(
                "/rest/deliveries/redeliver",
                "{\"webhookId\":\"" + webhook + "\",\"event\":\"many.*\"}")
            .body();
    assertThat(byFilter.path("redelivered").asInt()).isEqualTo(10);
    assertThat(byFilter.path("nextCursor").isNull()).isTrue();
    await(webhook, "delivered", 12);
    await(other, "dead", 12);
  }

  @Test
  void one_of_a_deleted_webhook_is_not_sent_again() {
    UUID webhook = delivered("gone");
    api.delete("/rest/webhooks/" + webhook);
    JsonNode page = api.get("/rest/deliveries?webhookId=" + webhook).body();
    assertThat(page.path("data")).as("its log stays").hasSize(1);
    Reply again = api.post("/rest/deliveries/" + ids(page).get(0) + "/redeliver", null);
    assertThat(again.status()).isEqualTo(409);
  }

  @Test
  void pages_go_through_all_of_them_once_newest_first_whatever_comes_in_meanwhile() {
    UUID webhook = pipeline.webhook(good.url("/paged"), "paged.*");
    UUID noise = pipeline.webhook(good.url("/noise"), "paged.*");
    pipeline.changes("paged.created", 25);
    await(webhook, "delivered", 25);
    await(noise, "delivered", 25);
    for (String filter :
        List.of(
            "webhookId=" + webhook,
            "webhookId=" + webhook + "&state=delivered",
            "webhookId=" + webhook + "&event=paged.*",
            "webhookId=" + webhook + "&since=2020-01-01T00:00:00Z")) {
      List<String> seen = new ArrayList<>();
      String cursor = "";
      do {
        JsonNode page = api.get("/rest/deliveries?limit=10&" + filter + "&cursor=" + cursor).body();
        seen.addAll(ids(page));
        cursor = page.path("nextCursor").isNull() ? null : page.path("nextCursor").asText();
        assertThat(seen).as("pages come to an end").hasSizeLessThan(200);
        pipeline.change("paged.later", "{}");
      } while (cursor != null);
      List<String> expected =
          pipeline
              .sql(
                  "SELECT d.id FROM webhooks.delivery d JOIN webhooks.change c ON c.id = change_id WHERE subscription_id = ? AND event = 'paged.created' ORDER BY d.id DESC",
                  webhook)
              .stream()
              .map(row -> (String) row.get("id"))
              .toList();
      assertThat(seen).as(filter).containsSubsequence(expected).doesNotHaveDuplicates();
    }
  }

  @Test
  void an_event_that_is_rare_is_found_behind_many_others() {
    UUID webhook = pipeline.webhook(good.url("/rare"), "rare.*");
    pipeline.change("rare.first", "{}");
    await(webhook, "delivered", 1);
    pipeline.changes("rare.other", 1500);
    await(webhook, "delivered", 1501);
    assertThat(firstFull("event=rare.first").at("/data/0/event").asText()).isEqualTo("rare.first");
    assertThat(firstFull("event=*.first&webhookId=" + webhook).path("data")).hasSize(1);
    assertThat(firstFull("event=rare.never&state=dead").path("data")).isEmpty();
  }

  /** The first page with anything on it: one whose time is over may be empty. */
  private static JsonNode firstFull(String filter) {
    JsonNode page;
    String cursor = "";
    do {
      page = api.get("/rest/deliveries?" + filter + "&cursor=" + cursor).body();
      cursor = page.path("nextCursor").asText();
    } while (page.path("data").isEmpty() && page.path("nextCursor").isTextual());
    return page;
  }

  @Test
  void a_time_range_is_of_when_the_changes_were_made() {
    UUID webhook = pipeline.webhook(good.url("/time"), "time.*");
    pipeline.sql(
        "INSERT INTO webhooks.change (event, record, occurred_at) SELECT 'time.created', '{}', now() - n * interval '1 hour' FROM generate_series(0, 2) n");
    await(webhook, "delivered", 3);
    String base = "/rest/deliveries?webhookId=" + webhook;
    Object ninety =
        pipeline.value(
            "SELECT to_char(now() AT TIME ZONE 'UTC' - interval '90 minutes', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
    Object thirty =
        pipeline.value(
            "SELECT to_char(now() AT TIME ZONE 'UTC' - interval '30 minutes', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
    assertThat(ids(api.get(base + "&since=" + ninety).body())).hasSize(2);
    assertThat(ids(api.get(base + "&since=" + ninety + "&until=" + thirty).body())).hasSize(1);
    assertThat(ids(api.get(base + "&until=" + thirty).body())).hasSize(2);
  }

  @Test
  void a_time_range_is_found_where_the_times_of_the_log_are_noted_also_times_of_its_own() {
    try (PipelineFixture own = new PipelineFixture()) {
      UUID webhook = own.webhook(good.url("/noted"), "never.ever");
      own.sql(
          """
          INSERT INTO webhooks.change (event, record, occurred_at)
          SELECT 'noted.created', '{}', CASE WHEN n BETWEEN 3000 AND 3009 THEN timestamptz '2001-01-01T00:00:00Z'
            ELSE timestamptz '2020-01-01T00:00:00Z' + n * interval '1 minute' END
          FROM generate_series(1, 9000) n""");
      own.sql("DELETE FROM webhooks.change_queue");
      own.sql(
          "INSERT INTO webhooks.delivery (change_id, subscription_id, state) SELECT id, ?, 'delivered' FROM webhooks.change",
          webhook);
      for (int i = 0; i < 4; i++) { // it notes what has been settled for two runs
        own.sql(Sql.sql("note-times.sql"));
      }
      assertThat(own.count("change_block")).isGreaterThanOrEqualTo(5);
      own.start();
      for (String list :
          List.of(
              "/rest/events?limit=200",
              "/rest/deliveries?limit=200&webhookId=" + webhook,
              "/rest/deliveries?limit=200")) {
        assertThat(found(own.api(), list + "&until=2001-01-02T00:00:00Z")).as(list).isEqualTo(10);
        assertThat(
                found(own.api(), list + "&since=2020-01-01T01:00:00Z&until=2020-01-01T03:00:00Z"))
            .as(list)
            .isEqualTo(120);
        assertThat(found(own.api(), list + "&since=2020-01-07T05:00:00Z")).as(list).isEqualTo(61);
      }
      assertThat(found(own.api(), "/rest/events?limit=200&since=2001-01-01T00:00:00Z"))
          .isEqualTo(9000);
    }
  }

  /** How many a list has on all of its pages. */
  private static int found(ApiClient client, String list) {
    int count = 0;
    String cursor = "";
    do {
      JsonNode page = client.get(list + "&cursor=" + cursor).body();
      count += page.path("data").size();
      cursor = page.path("nextCursor").isNull() ? null : page.path("nextCursor").asText();
    } while (cursor != null);
    return count;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limit=0 | limit must be a whole number from 1 to 200",
        "limit=201 | limit must be a whole number from 1 to 200",
        "state=gone | state must be one of pending, delivered, dead, cancelled",
        "webhookId=1 | webhookId must be a UUID",
        "since=yesterday | since must be a time with a zone, such as 2025-02-10T15:30:50Z",
        "cursor=abc | cursor must be the nextCursor of a page of this list",
        "cursor=ZXZlbnQ6MQ | cursor must be the nextCursor of a page of this list",
        "event=person | event 'person' is no operation; write object.action, object.*, *.action or *.*",
        "page=2 | page is not a parameter of this operation",
        "limit=1&limit=2 | limit is given more than once",
      })
  void a_wrong_parameter_is_named(String query, String error) {
    Reply reply = api.get("/rest/deliveries?" + query);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.errors()).containsExactly(error);
  }

  @Test
  void an_unknown_delivery_is_not_found() {
    assertThat(api.get("/rest/deliveries/msg_1").status()).isEqualTo(404);
    assertThat(api.post("/rest/deliveries/msg_1/redeliver", null).status()).isEqualTo(404);
    assertThat(api.post("/rest/deliveries/redeliver", "{\"ids\":[\"x\"]}").errors())
        .containsExactly("ids must hold ids of deliveries only, but holds \"x\"");
    assertThat(api.post("/rest/deliveries/redeliver", "{\"state\":\"x\",\"all\":1}").errors())
        .hasSize(2);
  }
}
