package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.SECRET;
import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.ApiClient.Reply;
import io.crmwebhooks.TestReceiver.Received;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Webhooks that were made in Twenty: their bodies, their shadow, and what may be changed in them.
 */
class TwentyWebhookTest extends OnePipeline {
  private static final String RECORD = "{\"id\":\"r1\", \"meta\":{\"n\": 1.50, \"10\": 0}}";
  private static final String AS_SENT = "\"record\":{\"id\":\"r1\",\"meta\":{\"10\":0,\"n\":1.5}}";

  /** The status that the receiver answers with. */
  private static final AtomicInteger status = new AtomicInteger(200);

  private static TestReceiver receiver;

  /** A workspace for each test. */
  private final String workspace = UUID.randomUUID().toString();

  @BeforeAll
  static void startReceiver() {
    receiver =
        TestReceiver.answering((request, exchange) -> respond(exchange, status.get(), "answer"));
  }

  @AfterAll
  static void stopReceiver() {
    receiver.close();
  }

  @BeforeEach
  void answer() {
    status.set(200);
  }

  private UUID webhook(String settings) {
    UUID id = pipeline.webhookOf(workspace, receiver.url("/" + workspace), SECRET, "*.*");
    pipeline.sql(
        "UPDATE webhooks.subscription SET source = 'twenty', format = 'native'%s WHERE id = ?"
            .formatted(settings),
        id);
    return id;
  }

  private void change(String event) {
    pipeline.sql(
        """
        INSERT INTO webhooks.change (workspace, event, record_id, record, updated_fields, origin, occurred_at)
        VALUES (?, ?, 'r1', CAST(? AS json), '{name}', '{"objectMetadataId": "o1", "userId": "u1"}',
          '2025-02-10T15:30:50Z')""",
        workspace,
        event,
        RECORD);
  }

  /** A change that another transaction has held back. */
  private void changeCapturedAt(String time) {
    pipeline.sql(
        "INSERT INTO webhooks.change (workspace, event, record_id, record, epoch)"
            + " SELECT ?, 'person.created', 'r1', '{}', extract(epoch FROM %s) * 1000000"
                .formatted(time),
        workspace);
  }

  private String body(UUID webhook, String event, String fields) {
    return ("{\"targetUrl\":\"%s\",\"eventName\":\"%s\",\"objectMetadata\":{\"id\":\"o1\",\"nameSingular\":\"person\"},"
            + "\"workspaceId\":\"%s\",\"webhookId\":\"%s\",\"eventDate\":\"2025-02-10T15:30:50.000Z\",\"userId\":\"u1\",%s%s}")
        .formatted(receiver.url("/" + workspace), event, workspace, webhook, AS_SENT, fields);
  }

  private Received received() {
    soon().until(() -> !receiver.received("/" + workspace).isEmpty());
    return receiver.received("/" + workspace).get(0);
  }

  private Map<String, Object> delivery(String state) {
    soon()
        .until(
            () ->
                !pipeline
                    .sql(
                        "SELECT FROM webhooks.delivery d JOIN webhooks.change c ON c.id = d.change_id"
                            + " WHERE c.workspace = ? AND d.state = ?",
                        workspace,
                        state)
                    .isEmpty());
    return pipeline
        .sql(
            "SELECT d.* FROM webhooks.delivery d JOIN webhooks.change c ON c.id = d.change_id WHERE c.workspace = ?",
            workspace)
        .get(0);
  }

  @Test
  void a_webhook_of_format_native_gets_the_body_of_Twenty_with_its_signature() throws Exception {
    UUID id = webhook("");
    change("person.updated");
    Received request = received();
    assertThat(request.text())
        .isEqualTo(body(id, "person.updated", ",\"updatedFields\":[\"name\"]"));
    // The documentation's check: the payload that the framework has parsed, written again, once.
    JsonNode payload = new ObjectMapper().readTree(request.body());
    assertThat(hmac(request.headers().get("x-twenty-webhook-timestamp") + ":" + payload))
        .isEqualTo(request.headers().get("x-twenty-webhook-signature"));
  }

  private static String hmac(String signed) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void a_later_attempt_and_a_replay_send_the_same_bytes() {
    UUID id = webhook(", retry_schedule = '1h'");
    status.set(500);
    change("person.created");
    String delivery = (String) delivery("pending").get("id");
    soon().until(() -> pipeline.count("attempt WHERE delivery_id = '" + delivery + "'") == 1);
    status.set(200);
    assertThat(api.post("/rest/deliveries/" + delivery + "/redeliver", null).status())
        .isEqualTo(202);
    delivery("delivered");
    Reply replay =
        api.post(
            "/rest/replays",
            "{\"webhookId\":\"%s\",\"mode\":\"all\",\"since\":\"2025-01-01T00:00:00Z\"}"
                .formatted(id));
    assertThat(replay.status()).as("%s", replay.body()).isEqualTo(201);
    soon().until(() -> receiver.received("/" + workspace).size() == 3);
    assertThat(receiver.received("/" + workspace))
        .extracting(Received::text)
        .containsOnly(body(id, "person.created", ""));
  }

  @Test
  void webhooks_of_both_formats_are_served_side_by_side_and_a_delivery_shows_its_body() {
    UUID id = webhook("");
    UUID other = pipeline.webhookOf(workspace, receiver.url("/event" + workspace), "", "*.*");
    change("person.created");
    assertThat(received().text()).isEqualTo(body(id, "person.created", ""));
    soon().until(() -> !receiver.received("/event" + workspace).isEmpty());
    assertThat(receiver.received("/event" + workspace).get(0).text())
        .startsWith("{\"event\":\"person.created\",\"data\":" + RECORD);
    delivery("delivered");
    for (JsonNode shown : deliveries(id, other)) {
      String path = shown.path("webhookId").asText().equals(id.toString()) ? "/" : "/event";
      assertThat(
              api.get("/rest/deliveries/" + shown.path("id").asText()).body().path("body").asText())
          .isEqualTo(receiver.received(path + workspace).get(0).text());
    }
  }

  private static Iterable<JsonNode> deliveries(UUID... webhooks) {
    return java.util.Arrays.stream(webhooks)
        .map(id -> api.get("/rest/deliveries?webhookId=" + id).body().path("data").path(0))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "record"})
  void in_shadow_the_body_is_recorded_and_nothing_is_sent(String ordering) {
    UUID id = webhook(", shadow = true, ordering = '%s', supersede = true".formatted(ordering));
    change("person.updated");
    assertThat(delivery("cancelled"))
        .containsEntry("error", "shadow")
        .containsEntry("attempts", 0)
        .containsEntry("body", body(id, "person.updated", ",\"updatedFields\":[\"name\"]"));
    String path = "/rest/deliveries/" + delivery("cancelled").get("id") + "/redeliver";
    assertThat(api.post(path, null).status()).isEqualTo(409);
    assertThat(api.post(path, null).body().path("detail").asText()).contains("in shadow");

    pipeline.sql(
        "UPDATE webhooks.subscription SET shadow = false, live_from = now() WHERE id = ?", id);
    change("person.created");
    assertThat(received().text()).isEqualTo(body(id, "person.created", ""));
    assertThat(receiver.received("/" + workspace)).hasSize(1);
  }

  @Test
  void a_pending_delivery_of_a_webhook_in_shadow_waits() {
    status.set(500);
    UUID id = webhook("");
    change("person.created");
    String delivery = (String) delivery("pending").get("id");
    soon().until(() -> pipeline.count("attempt WHERE delivery_id = '" + delivery + "'") == 1);
    pipeline.sql("UPDATE webhooks.subscription SET shadow = true WHERE id = ?", id);
    pipeline.sql("UPDATE webhooks.delivery SET due_at = now() WHERE id = ?", delivery);
    UUID other = pipeline.webhookOf(workspace, receiver.url("/other" + workspace), "", "*.*");
    change("person.created");
    soon().until(() -> !receiver.received("/other" + workspace).isEmpty());
    assertThat(other).isNotNull();
    assertThat(pipeline.count("delivery WHERE state = 'pending' AND id = '" + delivery + "'"))
        .isEqualTo(1);
    assertThat(receiver.received("/" + workspace)).hasSize(1);
  }

  @Test
  void what_was_committed_before_it_went_live_is_recorded_only() {
    webhook(", live_from = now()");
    changeCapturedAt("now() - interval '1 s'");
    assertThat(delivery("cancelled")).containsEntry("error", "shadow");
    assertThat(receiver.received("/" + workspace)).isEmpty();
  }

  @Test
  void what_was_captured_before_it_went_live_and_committed_long_after_is_sent() {
    webhook(", live_from = now() - interval '1 min'");
    changeCapturedAt("now() - interval '2 min'");
    received();
  }

  @Test
  void only_how_it_is_served_can_be_changed_here() {
    UUID id = webhook(", operations = '{\"\",metadata.*.*}'");
    String path = "/rest/webhooks/" + id;
    JsonNode shown = api.get(path).body();
    assertThat(shown.path("source").asText()).isEqualTo("twenty");
    assertThat(shown.path("format").asText()).isEqualTo("native");
    for (String change :
        new String[] {
          "'targetUrl':'https://example.org/'",
          "'operations':['*.*']",
          "'description':'x'",
          "'secret':'x'",
          "'format':'event'",
          "'signatureSchemes':['twenty']",
          "'enabled':false,'description':'x'"
        }) {
      refused(api.patch(path, "{" + change.replace('\'', '"') + "}"));
    }
    refused(api.delete(path));
    refused(api.post(path + "/rotate-secret", "{}"));
    assertThat(api.get(path).body()).isEqualTo(shown);

    Reply changed =
        api.patch(
            path,
            """
            {"enabled":false,"concurrency":2,"rateLimit":5,"timeout":"2s","retrySchedule":"5s","headers":{"A":"b"},
             "tlsIdentity":null,"ordering":"record","onDead":"hold","supersede":true,"targetUrl":"%s"}"""
                .formatted(shown.path("targetUrl").asText()));
    assertThat(changed.status()).as("%s", changed.body()).isEqualTo(200);
    assertThat(changed.body().path("ordering").asText()).isEqualTo("record");
    assertThat(api.post(path + "/enable", null).status()).isEqualTo(200);
    assertThat(api.post(path + "/test", "{}").body().path("event").asText())
        .isEqualTo("person.created");
  }

  private static void refused(Reply reply) {
    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.body().path("detail").asText()).contains("in Settings > APIs & Webhooks");
  }

  @Test
  void a_webhook_of_the_api_chooses_its_format_and_nothing_of_its_source() {
    Reply made =
        api.post(
            "/rest/webhooks",
            "{\"targetUrl\":\"%s\",\"format\":\"native\",\"source\":\"twenty\",\"shadow\":true}"
                .formatted(receiver.url("/" + workspace)));
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.body().path("format").asText()).isEqualTo("native");
    assertThat(made.body().path("source").asText()).isEqualTo("api");
    assertThat(made.body().path("shadow").asBoolean()).isFalse();
    String path = "/rest/webhooks/" + made.body().path("id").asText();
    assertThat(api.patch(path, "{\"format\":\"event\"}").body().path("format").asText())
        .isEqualTo("event");
    Reply wrong = api.patch(path, "{\"format\":\"twenty\"}");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.body().path("detail").asText()).startsWith("format ");
    api.delete(path);
  }
}
