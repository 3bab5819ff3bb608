package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.TestReceiver.Received;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Webhooks with a filter, or with a body of their own. */
class ShapeTest extends OnePipeline {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void a_filter_leaves_out_what_it_does_not_want_and_writes_no_row() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String event = "filtered.updated";
      String id = webhook(receiver, event, "\"filter\":\".record.stage == \\\"WON\\\"\"");
      change(event, "{\"id\":\"1\",\"stage\":\"NEW\"}");
      change(event, "{\"id\":\"2\",\"stage\":\"WON\"}");
      soon().until(() -> receiver.received().size() == 1);
      pipeline.awaitRecorded();
      assertThat(receiver.received().get(0).text()).contains("\"id\":\"2\"");
      assertThat(deliveries(id)).isEqualTo(1);
      assertThat(pipeline.scrape().value("webhooks_filtered_total{webhook=\"%s\"}".formatted(id)))
          .isEqualTo(1);

      api.patch("/rest/webhooks/" + id, "{\"filter\":\".record.stage == \\\"NEW\\\"\"}");
      change(event, "{\"id\":\"3\",\"stage\":\"NEW\"}");
      soon().until(() -> receiver.received().size() == 2);
      assertThat(receiver.received().get(1).text()).contains("\"id\":\"3\"");
    }
  }

  @Test
  void an_account_tells_what_a_filter_left_out_from_what_is_lost() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String event = "judged.created";
      String id = webhook(receiver, event, "\"filter\":\".record.n == 1\"");
      change(event, "{\"id\":\"1\",\"n\":1}");
      change(event, "{\"id\":\"2\",\"n\":2}");
      soon().until(() -> receiver.received().size() == 1);
      pipeline.awaitRecorded();
      api.patch("/rest/webhooks/" + id, "{\"filter\":\".record.n == 2\"}");
      change(event, "{\"id\":\"3\",\"n\":1}");
      change(event, "{\"id\":\"4\",\"n\":2}");
      soon().until(() -> receiver.received().size() == 2);
      pipeline.awaitRecorded();
      JsonNode fates = fates(id);
      assertThat(fates.path("matched").asInt()).isEqualTo(4);
      assertThat(fates.path("delivered").asInt()).isEqualTo(2);
      assertThat(fates.path("filtered").asInt()).as("by the filter of the time").isEqualTo(2);
      assertThat(fates.path("gap").asInt()).isZero();
      long left =
          (Long)
              pipeline.value(
                  "SELECT id FROM webhooks.change WHERE event = ? AND record_id = '2'", event);
      JsonNode unsent = api.get("/rest/events/" + left).body().path("notSent");
      assertThat(unsent).hasSize(1);
      assertThat(unsent.get(0).path("webhookId").asText()).isEqualTo(id);
      assertThat(unsent.get(0).path("filter").asText()).isEqualTo(".record.n == 1");

      JsonNode count =
          api.post(
                  "/rest/replays",
                  "{\"webhookId\":\"%s\",\"since\":\"2000-01-01T00:00:00Z\",\"mode\":\"missing\",\"dryRun\":true}"
                      .formatted(id))
              .body();
      assertThat(count.path("toSend").asInt()).as(count.toString()).isEqualTo(1);
      assertThat(count.path("filtered").asInt()).isEqualTo(1);
      api.post(
          "/rest/replays",
          "{\"webhookId\":\"%s\",\"since\":\"2000-01-01T00:00:00Z\",\"mode\":\"missing\"}"
              .formatted(id));
      soon().until(() -> receiver.received().size() == 3);
      assertThat(receiver.received().get(2).text())
          .as("by the present filter")
          .contains("\"id\":\"2\"");

      pipeline.sql("ALTER TABLE webhooks.change DISABLE TRIGGER USER");
      change(event, "{\"id\":\"5\",\"n\":2}");
      pipeline.sql("ALTER TABLE webhooks.change ENABLE TRIGGER USER");
      assertThat(fates(id).path("gap").asInt()).as("wanted, and queued by nobody").isEqualTo(1);
    }
  }

  @Test
  void a_program_makes_the_whole_body() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String event = "won.updated";
      webhook(
          receiver,
          event,
          "\"format\":\"custom\",\"body\":\"{text: \\\"\\\\(.record.name) is won\\\"}\"");
      change(event, "{\"id\":\"1\",\"name\":\"Big deal\"}");
      soon().until(() -> receiver.received().size() == 1);
      Received got = receiver.received().get(0);
      assertThat(got.text()).isEqualTo("{\"text\":\"Big deal is won\"}");
      assertThat(got.headers().get("content-type")).isEqualTo("application/json");
    }
  }

  @Test
  void a_text_goes_out_as_it_is_with_a_type_of_its_own() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      webhook(
          receiver,
          "told.created",
          "\"format\":\"custom\",\"body\":\".record.name\",\"contentType\":\"text/plain\"");
      webhook(
          receiver,
          "told.*",
          "\"format\":\"custom\",\"body\":\".record.name\",\"contentType\":\"application/x+json\"");
      change("told.created", "{\"id\":\"1\",\"name\":\"Ada\"}");
      soon().until(() -> receiver.received().size() == 2);
      assertThat(receiver.received())
          .extracting(Received::text, got -> got.headers().get("content-type"))
          .containsExactlyInAnyOrder(
              tuple("Ada", "text/plain"), tuple("\"Ada\"", "application/x+json"));
    }
  }

  @Test
  void a_program_that_fails_makes_a_dead_letter_without_an_attempt() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String event = "failing.created";
      String id =
          webhook(receiver, event, "\"format\":\"custom\",\"body\":\"{n: (.record.n + 1)}\"");
      change(event, "{\"id\":\"1\",\"n\":\"one\"}");
      soon().until(() -> deliveries(id) == 1);
      JsonNode dead = api.get("/rest/deliveries?webhookId=" + id).body().path("data").get(0);
      assertThat(dead.path("state").asText()).isEqualTo("dead");
      assertThat(dead.path("attemptCount").asInt()).isZero();
      assertThat(dead.path("error").asText()).startsWith("body fails: ");
      String delivery = dead.path("id").asText();

      api.post("/rest/deliveries/" + delivery + "/redeliver", null);
      soon().until(() -> state(delivery).equals("dead"));
      assertThat(receiver.received()).isEmpty();

      assertThat(api.patch("/rest/webhooks/" + id, "{\"body\":\"{n: .record.n}\"}").status())
          .isEqualTo(200);
      api.post("/rest/deliveries/" + delivery + "/redeliver", null);
      soon().until(() -> receiver.received().size() == 1);
      assertThat(receiver.received().get(0).text()).isEqualTo("{\"n\":\"one\"}");
      assertThat(receiver.received().get(0).id()).isEqualTo(delivery);
    }
  }

  @Test
  void a_text_that_the_database_cannot_keep_makes_a_dead_letter_only() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String failing =
          webhook(
              receiver,
              "nul.created",
              "\"filter\":\"if .record.text then error(.record.text) else true end\"");
      String told =
          webhook(
              receiver,
              "nul.*",
              "\"format\":\"custom\",\"body\":\".record.text\",\"contentType\":\"text/plain\"");
      webhook(
          receiver,
          "nul.*",
          "\"duplicate\":true,\"format\":\"custom\",\"body\":\"[.record.text]\"");
      pipeline.change("nul.created", "{\"id\":\"1\",\"text\":\"a\\u0000b\\ud800c\"}");
      soon().until(() -> deliveries(failing) + deliveries(told) == 2);
      assertThat(
              pipeline.sql(
                  "SELECT error FROM webhooks.delivery WHERE subscription_id IN (?, ?) AND state = 'dead' ORDER BY error",
                  java.util.UUID.fromString(failing),
                  java.util.UUID.fromString(told)))
          .extracting(row -> (String) row.get("error"))
          .containsExactly(
              "body gives a NUL, half of a character, or one that the database cannot keep",
              "filter fails: a\ufffdb\ufffdc");
      soon().until(() -> receiver.received().size() == 1);
      assertThat(receiver.received().get(0).text()).isEqualTo("[\"a\\u0000b\\uD800c\"]");
      assertThat(pipeline.count("parked_change")).isZero();
    }
  }

  @Test
  void a_record_that_no_program_can_read_makes_a_dead_letter() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String deep = "{\"id\":\"1\",\"a\":" + "[".repeat(1100) + "]".repeat(1100) + "}";
      String filtered = webhook(receiver, "deep.created", "\"filter\":\".record.id == \\\"1\\\"\"");
      String selected = webhook(receiver, "deep.*", "\"fields\":[\"name\"]");
      change("deep.created", deep);
      soon().until(() -> deliveries(filtered) + deliveries(selected) == 2);
      assertThat(
              pipeline.sql(
                  "SELECT state, attempts, error FROM webhooks.delivery WHERE subscription_id IN (?, ?)",
                  java.util.UUID.fromString(filtered),
                  java.util.UUID.fromString(selected)))
          .allMatch(row -> row.get("state").equals("dead") && row.get("attempts").equals(0))
          .extracting(row -> (String) row.get("error"))
          .containsExactlyInAnyOrder(
              "the record nests too deep, or has too long a number, for a program",
              "fields: the record cannot be read");
    }
  }

  @Test
  void some_fields_of_the_record_keep_its_id() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      webhook(receiver, "some.created", "\"fields\":[\"stage\",\"nothing\"]");
      change("some.created", "{\"id\": \"1\", \"secret\": {\"id\":2}, \"stage\": 1.10}");
      soon().until(() -> receiver.received().size() == 1);
      assertThat(receiver.received().get(0).text())
          .startsWith("{\"event\":\"some.created\",\"data\":{\"id\": \"1\",\"stage\": 1.10},");
    }
  }

  @Test
  void a_thin_body_has_ids_only() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      webhook(receiver, "thin.created", "\"format\":\"thin\"");
      change("thin.created", "{\"name\":\"a\",\"id\":\"1\"}");
      soon().until(() -> receiver.received().size() == 1);
      assertThat(receiver.received().get(0).text()).contains("\"data\":{\"id\":\"1\"},");
    }
  }

  @Test
  void a_cloud_event_has_its_attributes_in_the_body_or_in_headers() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      String event = "clouded.created";
      String id = webhook(receiver, event, "\"format\":\"cloudevents\"");
      change(event, "{\"id\":\"ä 1\"}");
      soon().until(() -> receiver.received().size() == 1);
      Received structured = receiver.received().get(0);
      ObjectNode body = (ObjectNode) JSON.readTree(structured.text());
      assertThat(structured.headers().get("content-type"))
          .isEqualTo("application/cloudevents+json");
      assertThat(body.path("specversion").asText()).isEqualTo("1.0");
      assertThat(body.path("id").asText()).isEqualTo(structured.id());
      assertThat(body.path("type").asText()).isEqualTo(event);
      assertThat(body.path("subject").asText()).isEqualTo("ä 1");
      assertThat(body.path("data")).isEqualTo(JSON.readTree("{\"id\":\"ä 1\"}"));

      api.patch("/rest/webhooks/" + id, "{\"cloudEventsMode\":\"binary\"}");
      change(event, "{\"id\":\"ä 1\"}");
      soon().until(() -> receiver.received().size() == 2);
      Received binary = receiver.received().get(1);
      assertThat(binary.text()).isEqualTo("{\"id\":\"ä 1\"}");
      assertThat(binary.headers().get("content-type")).isEqualTo("application/json");
      assertThat(binary.headers().get("ce-id")).isEqualTo(binary.id());
      assertThat(binary.headers().get("ce-type")).isEqualTo(event);
      assertThat(binary.headers().get("ce-subject")).isEqualTo("%C3%A4%201");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{\"filter\":\".record.stage =\"} ~ filter is no jq program: column 16, it ends too early",
        "{\"filter\":\".record\"} ~ filter gives object, it must give true or false",
        "{\"filter\":\"1,2\"} ~ filter gives more than one value",
        "{\"filter\":\"[range(9)]\"} ~ filter must not call range with 1 arguments",
        "{\"format\":\"xml\"} ~ format must be one of",
        "{\"format\":\"custom\"} ~ body is missing; format custom needs the program that makes the body",
        "{\"body\":\".\"} ~ body goes with format custom, not with event",
        "{\"format\":\"custom\",\"body\":\"empty\"} ~ body gives no value",
        "{\"format\":\"custom\",\"body\":\".\",\"contentType\":\"text/plain\"} ~ body gives object; with type text/plain it must give a text",
        "{\"format\":\"custom\",\"body\":\".\",\"contentType\":\"nonsense\"} ~ contentType must be a media type",
        "{\"format\":\"native\",\"fields\":[\"a\"]} ~ fields goes with format event or cloudevents, not with native",
        "{\"format\":\"custom\",\"body\":\".\",\"fields\":[\"a\"]} ~ fields goes with format event or cloudevents, not with custom",
        "{\"cloudEventsMode\":\"binary\"} ~ cloudEventsMode goes with format cloudevents, not with event",
        "{\"cloudEventsMode\":\"both\"} ~ cloudEventsMode must be one of",
        "{\"fields\":[1]} ~ fields ",
        "{\"format\":\"thin\",\"fields\":[\"a\"]} ~ fields goes with format event or cloudevents, not with thin",
        "{\"oauth2\":{\"tokenUrl\":\"https://x.example\"}} ~ oauth2",
        "{\"oauth2\":{\"tokenUrl\":\"http://169.254.1.1/\",\"clientId\":\"a\",\"clientSecret\":\"b\"}} ~ oauth2",
      })
  void what_cannot_work_is_refused_by_name(String json, String reason) throws IOException {
    ObjectNode body = (ObjectNode) JSON.readTree(json);
    body.put("targetUrl", "https://x.example/" + reason.hashCode());
    body.putArray("operations").add("nobody.created");
    ApiClient.Reply reply = api.post("/rest/webhooks", body.toString());
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.errors()).anyMatch(error -> error.startsWith(reason));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "filter ~ repeat('.', 2001) ~ filter",
        "body ~ repeat('.', 2001) ~ body",
        "format ~ 'xml' ~ format",
        "content_type ~ repeat('a', 201) ~ content_type",
        "cloud_events_mode ~ 'both' ~ cloud_events_mode",
        "fields ~ ARRAY['a', NULL] ~ fields",
        "fields ~ ARRAY[['a']] ~ fields",
        "fields ~ array_fill('a'::text, ARRAY[501]) ~ fields",
        "operations ~ ARRAY['a.b', NULL] ~ operations",
        "operations ~ ARRAY[['a.b']] ~ operations",
        "labels ~ '[]' ~ labels",
        "labels ~ '{\"a\":1}' ~ labels",
        "labels ~ jsonb_build_object('a', repeat('a', 50000)) ~ labels",
        "headers ~ '[]' ~ headers",
        "batch_size ~ 0 ~ batch_size",
        "batch_size ~ 1001 ~ batch_size",
        "batch_size, format ~ 2, 'native' ~ ",
        "batch_wait ~ 'soon' ~ batch_wait",
        "compress ~ 'br' ~ compress",
        "oauth2 ~ '[]' ~ oauth2",
        "oauth2 ~ '{\"tokenUrl\":\"https://x.example\",\"clientId\":\"a\"}' ~ oauth2",
        "oauth2 ~ '{\"tokenUrl\":\"https://x.example\",\"clientSecret\":\"a\"}' ~ oauth2",
        "oauth2 ~ '{\"clientId\":\"a\",\"clientSecret\":\"a\"}' ~ oauth2",
        "oauth2 ~ '{\"tokenUrl\":\"https://x.example\",\"clientId\":\"a\",\"clientSecret\":1}' ~ oauth2",
        "oauth2 ~ jsonb_build_object('tokenUrl', 'a', 'clientId', 'a', 'clientSecret', repeat('a', 50000)) ~ oauth2",
        "concurrency ~ 0 ~ concurrency",
        "rate_limit ~ 0 ~ rate_limit",
        "rate_limit ~ 10001 ~ rate_limit",
        "timeout ~ 'soon' ~ timeout",
        "retry_schedule ~ '1s,soon' ~ retry_schedule",
        "tls_identity ~ '../other' ~ tls_identity",
        "signature_schemes ~ '{}' ~ signature_schemes",
        "signature_schemes ~ '{other}' ~ signature_schemes",
        "ordering ~ 'object' ~ ordering",
        "on_dead ~ 'stop' ~ on_dead",
        "disabled_cause ~ 'bored' ~ disabled_cause",
        "live_from ~ 'infinity' ~ live_from",
        "previous_secret ~ 'a' ~ ",
        "source ~ 'crm' ~ source",
        "source ~ 'file' ~ ",
        "source, managed_by ~ 'file', 'a' ~ ",
        "source, managed_by, managed_name ~ 'file', repeat('a', 201), 'a' ~ managed_by",
        "managed_name ~ '../a' ~ managed_name",
      })
  void what_the_API_refuses_cannot_be_written_past_it(
      String columns, String values, String constraint) {
    String name = constraint == null ? "subscription_check" : "subscription_" + constraint;
    assertThatThrownBy(
            () ->
                pipeline.sql(
                    "INSERT INTO webhooks.subscription (target_url, enabled, %s) VALUES ('https://x.example', false, %s)"
                        .formatted(columns, values)))
        .rootCause()
        .hasMessageContaining("violates check constraint \"" + name);
  }

  @Test
  void a_program_is_tried_on_the_newest_event() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      change("newest.created", "{\"id\":\"1\",\"amount\":\"much\"}");
      ApiClient.Reply reply =
          api.post(
              "/rest/webhooks",
              "{\"targetUrl\":\"%s\",\"operations\":[\"newest.created\"],\"filter\":\".record.amount - 1 > 0\"}"
                  .formatted(receiver.url("/")));
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.errors())
          .anyMatch(error -> error.startsWith("filter calculates with a text"))
          .anyMatch(error -> error.contains("(tried on event "));
    }
  }

  private String webhook(TestReceiver receiver, String event, String settings) {
    ApiClient.Reply made =
        api.post(
            "/rest/webhooks",
            "{\"targetUrl\":\"%s\",\"operations\":[\"%s\"],%s}"
                .formatted(receiver.url("/"), event, settings));
    assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
    return made.body().path("id").asText();
  }

  private void change(String event, String record) {
    pipeline.sql(
        "INSERT INTO webhooks.change (event, record_id, record) VALUES (?, ?::json ->> 'id', ?::json)",
        event,
        record,
        record);
  }

  private long deliveries(String webhook) {
    return pipeline.count("delivery WHERE subscription_id = '" + webhook + "'");
  }

  private String state(String delivery) {
    return (String) pipeline.value("SELECT state FROM webhooks.delivery WHERE id = ?", delivery);
  }

  private static JsonNode fates(String webhook) {
    return api.get("/rest/reconciliation?webhookId=" + webhook).body().path("webhooks").get(0);
  }
}
