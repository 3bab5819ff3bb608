package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.ApiClient.Reply;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.http.WebhookSigner;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /rest/webhooks}: what the CRM's users know, and what they do not. */
class ApiWebhooksTest extends OnePipeline {
  private static final String URL = "http://127.0.0.1:1025/hook";

  private static String add(String json) {
    Reply reply = api.post("/rest/webhooks", json.replaceFirst("\\{", "{\"duplicate\":true,"));
    assertThat(reply.status()).as("%s", reply.body()).isEqualTo(201);
    return reply.body().path("id").asText();
  }

  private static String add() {
    return add("{\"targetUrl\":\"" + URL + "\",\"operations\":[\"nothing.ever\"]}");
  }

  @Test
  void a_new_webhook_has_the_crms_defaults_and_shows_its_secret_this_once() {
    Reply made = api.post("/rest/webhooks", "{\"targetUrl\":\"" + URL + "\",\"duplicate\":true}");
    assertThat(made.status()).isEqualTo(201);
    JsonNode webhook = made.body();
    assertThat(webhook.path("secret").asText()).matches("whsec_[A-Za-z0-9+/]{43}=");
    assertThat(webhook.path("operations").toString()).isEqualTo("[\"*.*\"]");
    assertThat(webhook.path("enabled").asBoolean()).isTrue();
    assertThat(webhook.path("createdAt").asText()).endsWith("Z");
    String path = "/rest/webhooks/" + webhook.path("id").asText();
    assertThat(made.header("Location")).isEqualTo(path);
    Reply shown = api.get(path);
    assertThat(shown.body().has("secret")).isFalse();
    assertThat(shown.raw().body()).doesNotContain(webhook.path("secret").asText());
    assertThat(shown.body().path("signed").asBoolean()).isTrue();
  }

  @Test
  void an_empty_secret_means_unsigned() {
    Reply made =
        api.post(
            "/rest/webhooks", "{\"targetUrl\":\"" + URL + "\",\"secret\":\"\",\"duplicate\":true}");
    assertThat(made.body().path("signed").asBoolean()).isFalse();
    assertThat(made.body().path("secret").asText()).isEmpty();
  }

  @Test
  void the_list_is_a_bare_array_of_those_that_are_not_deleted() {
    String first = add();
    String second = add();
    assertThat(api.delete("/rest/webhooks/" + first).status()).isEqualTo(204);
    JsonNode list = api.get("/rest/webhooks").body();
    assertThat(list.isArray()).isTrue();
    assertThat(list.findValuesAsText("id")).contains(second).doesNotContain(first);
    assertThat(api.get("/rest/webhooks/" + first).status()).isEqualTo(404);
    assertThat(pipeline.count("subscription WHERE deleted_at IS NOT NULL AND id = '" + first + "'"))
        .isEqualTo(1);
  }

  @Test
  void a_webhook_is_active_at_once() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      for (int i = 0; i < 5; i++) {
        String path = "/" + i;
        add(
            "{\"targetUrl\":\""
                + receiver.url(path)
                + "\",\"operations\":[\"rocket"
                + i
                + ".*\"]}");
        pipeline.change("rocket" + i + ".created", "{}");
        soon().until(() -> receiver.received(path).size() == 1);
      }
    }
  }

  @Test
  void a_change_sets_what_it_names_and_leaves_the_rest() {
    String id = add("{\"targetUrl\":\"" + URL + "\",\"description\":\"x\",\"concurrency\":3}");
    api.patch("/rest/webhooks/" + id, "{\"labels\":{\"region\":\"eu\",\"a b\":\"\"}}");
    JsonNode changed =
        api.patch("/rest/webhooks/" + id, "{\"operations\":[\"person.*\"],\"concurrency\":null}")
            .body();
    assertThat(changed.path("labels").toString()).isEqualTo("{\"a b\":\"\",\"region\":\"eu\"}");
    assertThat(changed.path("operations").toString()).isEqualTo("[\"person.*\"]");
    assertThat(changed.path("concurrency").isNull()).isTrue();
    assertThat(changed.path("description").asText()).isEqualTo("x");
    assertThat(changed.path("targetUrl").asText()).isEqualTo(URL);
    assertThat(changed.path("updatedAt").asText())
        .isGreaterThanOrEqualTo(changed.path("createdAt").asText());
  }

  @Test
  void a_webhook_may_have_a_timeout_and_a_retry_schedule_of_its_own() {
    String path =
        "/rest/webhooks/"
            + add(
                "{\"targetUrl\":\"%s\",\"timeout\":\"2s\",\"retrySchedule\":\"5s, 1m\"}"
                    .formatted(URL));
    assertThat(api.get(path).body().path("timeout").asText()).isEqualTo("2s");
    assertThat(api.get(path).body().path("retrySchedule").asText()).isEqualTo("5s,1m");
    JsonNode changed = api.patch(path, "{\"timeout\":null,\"retrySchedule\":\"\"}").body();
    assertThat(changed.path("timeout").isNull()).isTrue();
    assertThat(changed.path("retrySchedule").asText()).isEmpty();
  }

  @Test
  void what_is_shown_can_be_sent_back() {
    String path = "/rest/webhooks/" + add();
    JsonNode shown = api.get(path).body();
    Reply reply = api.patch(path, shown.toString());
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().path("createdAt")).isEqualTo(shown.path("createdAt"));
  }

  @Test
  void the_crms_own_fields_are_ignored() {
    String given = UUID.randomUUID().toString();
    String id =
        add(
            "{\"id\":\"%s\",\"createdAt\":\"x\",\"workspaceId\":\"y\",\"targetUrl\":\"%s\"}"
                .formatted(given, URL));
    assertThat(id).isNotEqualTo(given);
  }

  @Test
  void every_wrong_field_is_named() {
    Reply reply =
        api.post(
            "/rest/webhooks",
            """
            {"targetUrl":"ftp://x","operations":[],"enabled":"yes","concurrency":0,"secret":"whsec_!",
             "colour":"red","description":7}""");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.errors())
        .anyMatch(error -> error.startsWith("targetUrl "))
        .anyMatch(error -> error.startsWith("secret "))
        .contains(
            "colour is not a field that can be set here",
            "operations must be an array of 1 to 500 operations",
            "enabled must be true or false",
            "concurrency must be a whole number from 1 to 10000",
            "description must be a text")
        .hasSize(7);
    assertThat(reply.raw().body()).doesNotContain("whsec_!");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | targetUrl is missing",
        "{\"targetUrl\":null} | targetUrl must not be null",
        "{\"targetUrl\":\"https://x/\",\"operations\":[\"person\"]} | operations 'person' is no operation; write object.action, object.*, *.action or *.*",
        "{\"targetUrl\":\"https://x/\",\"batchSize\":1001} | batchSize must be a whole number from 1 to 1000",
        "{\"targetUrl\":\"https://x/\",\"batchWait\":\"61m\"} | batchWait must be at most 1h",
        "{\"targetUrl\":\"https://x/\",\"compress\":\"zip\"} | compress must be one of none, gzip",
        "{\"targetUrl\":\"https://x/\",\"batchSize\":2,\"format\":\"native\"} | batchSize must be 1 with format native, which is of one event",
        "{\"targetUrl\":\"https://x/\",\"batchSize\":2,\"format\":\"cloudevents\",\"cloudEventsMode\":\"binary\"} | batchSize must be 1 with cloudEventsMode binary, which is of one event",
        "{\"targetUrl\":\"https://x/\",\"batchSize\":2,\"format\":\"custom\",\"body\":\".event\",\"contentType\":\"text/plain\"} | batchSize must be 1 with a contentType other than JSON",
        "{\"targetUrl\":\"https://x/\",\"rateLimit\":0} | rateLimit must be a number from 0.00001 to 10000",
        "{\"targetUrl\":\"https://x/\",\"rateLimit\":1e-300} | rateLimit must be a number from 0.00001 to 10000",
        "{\"targetUrl\":\"https://x/\",\"timeout\":\"60s\"} | timeout must be shorter than webhooks.delivery.lease, 60000ms",
        "{\"targetUrl\":\"https://x/\",\"timeout\":\"5\"} | timeout must be a number with a unit (ms, s, m, h, d) from 1ms to 366d, such as 15s",
        "{\"targetUrl\":\"https://x/\",\"retrySchedule\":\"5s,\"} | retrySchedule must be a number with a unit (ms, s, m, h, d) from 1ms to 366d, such as 15s",
        "{\"targetUrl\":\"https://x/\",\"operations\":[1]} | operations must be a text",
        "{\"targetUrl\":\"https://x/\",\"description\":\"a\\u0000b\"} | description must not hold a NUL",
        "{\"targetUrl\":\"https://x/\",\"description\":\"a\\ud83d\"} | description must not hold half of a character (a lone surrogate)",
        "{\"targetUrl\":\"https://x/\",\"secret\":\"\\ude00\\ud83d\"} | secret must not hold half of a character (a lone surrogate)",
        "{\"targetUrl\":\"https://x/\",\"workspace\":\"\\udfff\"} | workspace must not hold half of a character (a lone surrogate)",
        "{\"targetUrl\":\"https://x/\",\"operations\":[\"a.b\",\"\\ud83d.b\"]} | operations must not hold half of a character (a lone surrogate)",
        "{\"targetUrl\":\"https://x/\",\"labels\":null} | labels must not be null",
        "{\"targetUrl\":\"https://x/\",\"labels\":[]} | labels must be an object of texts",
        "{\"targetUrl\":\"https://x/\",\"labels\":{\"a\":1}} | labels must have texts of at most 200 characters, but 'a' does not",
        "{\"targetUrl\":\"https://x/\",\"labels\":{\" \":\"b\"}} | labels must have names of 1 to 200 characters, not only blanks",
        "{\"targetUrl\":\"https://x/\",\"labels\":{\"a\\u0000\":\"b\"}} | labels must not hold a NUL",
        "{\"targetUrl\":\"https://x/\",\"duplicate\":\"yes\"} | duplicate must be true or false",
      })
  void a_bad_webhook_is_refused_with_the_field(String json, String error) {
    Reply reply = api.post("/rest/webhooks", json);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.errors()).containsExactly(error);
  }

  @Test
  void a_webhook_has_fifty_labels_at_most() {
    ObjectNode body = Json.object().put("targetUrl", URL);
    for (int i = 0; i < 50; i++) {
      body.withObject("labels").put("l" + i, "\ud83d\ude00".repeat(100));
    }
    assertThat(api.patch("/rest/webhooks/" + add(), body.toString()).status()).isEqualTo(200);
    body.withObject("labels").put("one more", "");
    assertThat(api.post("/rest/webhooks", body.toString()).errors())
        .containsExactly("labels must not have more than 50 labels");
  }

  @Test
  void a_whole_character_beyond_the_basic_plane_is_kept() {
    String path = "/rest/webhooks/" + add();
    assertThat(api.patch(path, "{\"description\":\"a\\ud83d\\ude00\"}").status()).isEqualTo(200);
    assertThat(api.get(path).body().path("description").asText()).isEqualTo("a\ud83d\ude00");
    assertThat(api.patch(path, "{\"a\\ud83d\":1}").status()).isEqualTo(400);
  }

  @Test
  void a_second_webhook_of_the_same_target_and_operations_takes_a_word() {
    String json =
        "{\"targetUrl\":\"http://127.0.0.1:1025/twin\",\"operations\":[\"twin.a\",\"twin.b\"]}";
    String first = api.post("/rest/webhooks", json).body().path("id").asText();
    for (String same :
        List.of(
            json,
            json.replace("\"twin.a\",\"twin.b\"", "\"twin.b\",\"twin.a\",\"twin.b\""),
            json.replace("http://127", "HTTP://127"),
            json.replace(
                "{", "{\"duplicate\":false,\"description\":\"other\",\"secret\":\"x\","))) {
      Reply refused = api.post("/rest/webhooks", same);
      assertThat(refused.status()).as(same).isEqualTo(409);
      assertThat(refused.body().path("detail").asText())
          .isEqualTo(
              "webhook %s has the same target and operations; \"duplicate\": true makes another one",
              first);
    }
    for (String other :
        List.of(
            json.replace("/twin", "/twin/"),
            json.replace(",\"twin.b\"", ""),
            json.replace("{", "{\"workspace\":\"twins\","),
            json.replace("{", "{\"duplicate\":true,"))) {
      assertThat(api.post("/rest/webhooks", other).status()).as(other).isEqualTo(201);
    }
    String path = api.post("/rest/webhooks", json.replace("/twin", "/third")).header("Location");
    assertThat(api.patch(path, json).status()).isEqualTo(409);
    assertThat(api.patch(path, json.replace("{", "{\"duplicate\":true,")).status()).isEqualTo(200);
    assertThat(api.patch(path, json.replace("{", "{\"description\":\"kept\",")).status())
        .as("what stays as it was")
        .isEqualTo(200);
  }

  @Test
  void of_identical_webhooks_that_are_made_at_once_one_is() throws Exception {
    String json = "{\"targetUrl\":\"http://127.0.0.1:1025/raced\",\"operations\":[\"race.d\"]}";
    List<CompletableFuture<Integer>> replies = new ArrayList<>();
    try (Connection other = pipeline.connection()) {
      other.setAutoCommit(false);
      other
          .createStatement()
          .execute("UPDATE webhooks.subscription_revision SET revision = revision");
      for (int i = 0; i < 2; i++) {
        replies.add(CompletableFuture.supplyAsync(() -> api.post("/rest/webhooks", json).status()));
      }
      pipeline.awaitBlocked(2);
      other.commit();
    }
    assertThat(replies).extracting(CompletableFuture::join).containsOnlyOnce(201).contains(409);
  }

  @ParameterizedTest
  @ValueSource(strings = {"11111111-1111-1111-1111-111111111111", "x", "1-1-1-1-1", "%27"})
  void an_unknown_id_is_not_found(String id) {
    assertThat(api.get("/rest/webhooks/" + id).status()).isEqualTo(404);
    assertThat(api.patch("/rest/webhooks/" + id, "{}").status()).isEqualTo(404);
    assertThat(api.delete("/rest/webhooks/" + id).status()).isEqualTo(404);
    assertThat(api.post("/rest/webhooks/" + id + "/enable", null).status()).isEqualTo(404);
  }

  @Test
  void an_edit_of_what_somebody_else_has_edited_is_refused() {
    String path = "/rest/webhooks/" + add();
    String version = api.get(path).header("ETag");
    assertThat(api.call("PATCH", path, "{\"description\":\"a\"}", "If-Match", version).status())
        .isEqualTo(200);
    Reply late = api.call("PATCH", path, "{\"description\":\"b\"}", "If-Match", version);
    assertThat(late.status()).isEqualTo(412);
    assertThat(api.call("DELETE", path, null, "If-Match", version).status()).isEqualTo(412);
    assertThat(api.call("POST", path + "/disable", null, "If-Match", version).status())
        .isEqualTo(412);
    Reply now = api.get(path);
    assertThat(now.body().path("description").asText()).isEqualTo("a");
    assertThat(api.call("DELETE", path, null, "If-Match", "\"x\", " + now.header("ETag")).status())
        .isEqualTo(204);
  }

  @Test
  void a_disabled_webhook_gets_nothing_until_it_is_enabled() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String path =
          "/rest/webhooks/"
              + add("{\"targetUrl\":\"" + receiver.url("/") + "\",\"operations\":[\"moon.*\"]}");
      assertThat(api.post(path + "/disable", null).body().path("enabled").asBoolean()).isFalse();
      pipeline.change("moon.created", "{\"n\":1}");
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(api.post(path + "/enable", null).body().path("enabled").asBoolean()).isTrue();
      pipeline.change("moon.created", "{\"n\":2}");
      soon().until(() -> receiver.received().size() == 1);
      assertThat(receiver.received().get(0).text()).contains("\"n\":2");
    }
  }

  @Test
  void one_that_the_pipeline_has_disabled_says_why_until_it_is_enabled() {
    try (TestReceiver gone = TestReceiver.answering(410)) {
      String path =
          "/rest/webhooks/"
              + add("{\"targetUrl\":\"" + gone.url("/") + "\",\"operations\":[\"pluto.*\"]}");
      assertThat(api.get(path).body().path("disabledReason").isNull()).isTrue();
      pipeline.change("pluto.created", "{}");
      soon().until(() -> !api.get(path).body().path("enabled").asBoolean());
      assertThat(api.get(path).body().path("disabledReason").asText()).contains("410");
      JsonNode enabled = api.post(path + "/enable", null).body();
      assertThat(enabled.path("disabledReason").isNull()).isTrue();
      assertThat(enabled.path("disabledAt").isNull()).isTrue();
    }
  }

  @Test
  void resuming_has_what_is_pending_tried_at_once() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String id =
          add(
              "{\"targetUrl\":\""
                  + receiver.url("/")
                  + "\",\"operations\":[\"mars.*\"],\"enabled\":false}");
      pipeline.change("mars.created", "{}");
      soon().until(() -> pipeline.count("undispatched") == 0);
      pipeline.sql(
          """
          INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts, due_at)
          SELECT id, CAST(? AS uuid), 'pending', 3, now() + interval '5 hours'
          FROM webhooks.change WHERE event = 'mars.created'""",
          id);
      assertThat(api.post("/rest/webhooks/" + id + "/resume", null).status()).isEqualTo(200);
      soon().until(() -> receiver.received().size() == 1);
    }
  }

  @Test
  void a_new_secret_signs_from_now_on() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      Reply made =
          api.post(
              "/rest/webhooks",
              "{\"targetUrl\":\"" + receiver.url("/") + "\",\"operations\":[\"venus.*\"]}");
      String path = made.header("Location");
      Reply rotated = api.post(path + "/rotate-secret", null);
      String secret = rotated.body().path("secret").asText();
      assertThat(secret).startsWith("whsec_").isNotEqualTo(made.body().path("secret").asText());
      assertThat(api.get(path).header("ETag")).isNotEqualTo(made.header("ETag"));
      assertThat(api.post(path + "/test", null).body().path("delivered").asBoolean()).isTrue();
      TestReceiver.Received received = receiver.received().get(0);
      assertThat(
              new WebhookSigner(secret)
                  .twenty(
                      Long.parseLong(received.headers().get("x-twenty-webhook-timestamp")),
                      received.body()))
          .isEqualTo(received.headers().get("x-twenty-webhook-signature"));
    }
  }

  @Test
  void a_test_sends_a_signed_sample_and_tells_what_came_of_it() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String id =
          add(
              "{\"targetUrl\":\""
                  + receiver.url("/t")
                  + "\",\"operations\":[\"company.*\"],\"enabled\":false}");
      JsonNode result = api.post("/rest/webhooks/" + id + "/test", null).body();
      TestReceiver.Received received = receiver.received().get(0);
      assertThat(result.path("delivered").asBoolean()).isTrue();
      assertThat(result.path("event").asText()).isEqualTo("company.created");
      assertThat(result.at("/request/body").asText()).isEqualTo(received.text());
      assertThat(received.text()).contains("\"name\":\"Sample Event\"");
      assertThat(result.at("/request/headers/webhook-id").asText())
          .isEqualTo(received.id())
          .startsWith("msg_test_");
      assertThat(result.at("/request/headers/webhook-signature").asText())
          .isEqualTo(received.headers().get("webhook-signature"));
      assertThat(result.at("/response/status").asInt()).isEqualTo(200);
      assertThat(result.at("/response/body").asText()).isEqualTo("answer 200");
      assertThat(pipeline.count("delivery WHERE subscription_id = '" + id + "'")).isZero();
      assertThat(pipeline.count("attempt WHERE delivery_id LIKE 'msg_test%'")).isZero();
    }
  }

  @Test
  void a_test_that_fails_says_why() {
    String refused = add("{\"targetUrl\":\"http://127.0.0.1:1025/\"}");
    JsonNode result = api.post("/rest/webhooks/" + refused + "/test", "{}").body();
    assertThat(result.path("delivered").asBoolean()).isFalse();
    assertThat(result.path("error").asText()).contains("refused");
    assertThat(result.path("response").isNull()).isTrue();
    try (TestReceiver receiver = TestReceiver.answering(500)) {
      String failing = add("{\"targetUrl\":\"" + receiver.url("/") + "\"}");
      JsonNode answered =
          api.post("/rest/webhooks/" + failing + "/test", "{\"event\":\"note.deleted\"}").body();
      assertThat(answered.path("error").asText()).isEqualTo("HTTP 500");
      assertThat(answered.at("/response/body").asText()).isEqualTo("answer 500");
      assertThat(receiver.received().get(0).text()).startsWith("{\"event\":\"note.deleted\"");
    }
    Reply wrong = api.post("/rest/webhooks/" + refused + "/test", "{\"event\":\"note.*\"}");
    assertThat(wrong.errors()).containsExactly("event must be an event, not a wildcard");
    assertThat(result.at("/request/body").asText())
        .as("of *.*")
        .contains("\"name\":{\"firstName\":\"Sample\",\"lastName\":\"Event\"}");
  }

  @Test
  void of_headers_only_the_names_are_shown() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      Reply made =
          api.post(
              "/rest/webhooks",
              "{\"targetUrl\":\"%s\",\"operations\":[\"never.ever\"],\"compress\":\"gzip\",\"headers\":{\"X-Key\":\"hush\"}}"
                  .formatted(receiver.url("/")));
      String path = made.header("Location");
      assertThat(made.body().path("headerNames").toString()).isEqualTo("[\"X-Key\"]");
      assertThat(storedHeaders(made)).contains("\"X-Key\": \"$aes-256-gcm$").doesNotContain("hush");
      Reply tested = api.post(path + "/test", null);
      assertThat(receiver.received().get(0).headers()).containsEntry("x-key", "hush");
      assertThat(tested.body().at("/request/headers/X-Key").asText()).isEqualTo("(hidden)");
      assertThat(tested.body().at("/request/headers/Content-Encoding").asText()).isEqualTo("gzip");
      assertThat(made.raw().body() + api.get(path).raw().body() + tested.raw().body())
          .doesNotContain("hush");
      Reply wrong = api.patch(path, "{\"headers\":{\"Host\":\"hush\"}}");
      assertThat(wrong.errors()).containsExactly("headers header 'Host' is reserved");
      Reply sealed = api.patch(path, "{\"headers\":{\"X-Key\":\"$aes-256-gcm$00000000$AAAA\"}}");
      assertThat(sealed.errors())
          .containsExactly("headers must have no value that begins with $aes-256-gcm$");
      Reply changed = api.patch(path, "{\"headers\":{\"X-Other\":\"hush hush\"}}");
      assertThat(storedHeaders(changed)).contains("X-Other").doesNotContain("hush");
      api.post(path + "/test", null);
      assertThat(receiver.received().get(1).headers()).containsEntry("x-other", "hush hush");
      assertThat(api.patch(path, "{\"headers\":{}}").body().path("headerNames")).isEmpty();
      assertThat(api.patch(path, "{\"tlsIdentity\":\"nobody\"}").status()).isEqualTo(400);
    }
  }

  private static String storedHeaders(Reply webhook) {
    return pipeline
        .value(
            "SELECT headers::text FROM webhooks.subscription WHERE id = CAST(? AS uuid)",
            webhook.body().path("id").asText())
        .toString();
  }

  @Test
  void a_target_that_the_rules_forbid_is_refused() {
    Reply reply = api.post("/rest/webhooks", "{\"targetUrl\":\"http://169.254.169.254/\"}");
    assertThat(reply.errors()).hasSize(1);
    assertThat(reply.errors().get(0)).startsWith("targetUrl ");
  }

  @Test
  void the_secret_can_be_changed_and_the_workspace_cannot() {
    String path = "/rest/webhooks/" + add();
    assertThat(api.patch(path, "{\"secret\":\"\"}").body().path("signed").asBoolean()).isFalse();
    assertThat(api.patch(path, "{\"secret\":null}").status()).isEqualTo(400);
    assertThat(api.patch(path, "{\"workspace\":\"w\"}").errors())
        .containsExactly("workspace cannot be changed; make another webhook");
  }
}
