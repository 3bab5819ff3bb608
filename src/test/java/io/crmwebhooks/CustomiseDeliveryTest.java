package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.SECRET;
import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.standardwebhooks.Webhook;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.admin.Reconciliation;
import io.crmwebhooks.admin.ReplayMode;
import io.crmwebhooks.admin.Replays;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps of the route {@code customise-delivery}: what they may set, and what is sent then. */
class CustomiseDeliveryTest {
  private static final AtomicInteger ELSEWHERE = new AtomicInteger(200);

  @TempDir private static Path routes;
  private static PipelineFixture pipeline;
  private static TestReceiver own;
  private static TestReceiver other;

  @BeforeAll
  static void start() throws Exception {
    own = TestReceiver.answering(200);
    other =
        TestReceiver.answering(
            (request, exchange) -> TestReceiver.respond(exchange, ELSEWHERE.get(), "no"));
    EditedRoutes edited = EditedRoutes.in(routes);
    edited.customiseDelivery(
        "form",
        set("X-Region", "${variable.webhook.labels[region]} of ${variable.webhook.description}")
            + set("X-Change", "${variable.change.id} ${variable.change.updatedFields}")
            + set("X-Empty", "${variable.webhook.labels[none]}")
            + set("Authorization", "Bearer geheim")
            + set("Content-Type", "text/plain; charset=utf-8")
            + body("Zoë, ${variable.change.record[city]}, ${header.CamelHttpUri}"));
    edited.customiseDelivery("elsewhere", set("CamelHttpUri", other.url("/eu") + "?a=b"));
    edited.customiseDelivery(
        "left",
        "- choice:\n    when:\n"
            + onlyOf("skip", body("${null}"))
            + onlyOf("stop", "- stop: {}\n"));
    edited.customiseDelivery("map", body("${variable.change.record}"));
    edited.customiseDelivery("host", set("Host", "evil.example"));
    edited.customiseDelivery("line", set("X-A", "a\\nb"));
    edited.customiseDelivery("type", set("Content-Type", "no type"));
    edited.customiseDelivery("url", set("CamelHttpUri", "https://user@host/"));
    edited.customiseDelivery("object", body("${variable.webhook}"));
    edited.customiseDelivery("some", onlyThrow());
    pipeline =
        new PipelineFixture(
            edited, "webhooks.delivery.retry-schedule", "10m", "webhooks.endpoint.failures", "2");
    pipeline.start();
  }

  @AfterAll
  static void stop() throws Exception {
    PipelineFixture.closeAll(pipeline, own, other);
  }

  private static String set(String header, String value) {
    return """
        - setHeader:
            name: %s
            expression:
              simple:
                expression: "%s"
        """
        .formatted(header, value);
  }

  private static String body(String value) {
    return """
        - setBody:
            expression:
              simple:
                expression: "%s"
        """
        .formatted(value);
  }

  private static String onlyOf(String label, String steps) {
    return """
              - expression:
                  simple:
                    expression: "${variable.webhook.labels[do]} == '%s'"
                steps:
        """
            .formatted(label)
        + steps.indent(10);
  }

  private static String onlyThrow() {
    return "- choice:\n    when:\n"
        + onlyOf(
            "throw",
            """
            - throwException:
                id: refuse
                exceptionType: java.lang.IllegalStateException
                message: not today
            """);
  }

  private static UUID webhook(String path, String event, String labels) {
    UUID id = pipeline.webhook(own.url(path), event);
    pipeline.sql(
        "UPDATE webhooks.subscription SET labels = CAST(? AS jsonb), description = 'mine' WHERE id = ?",
        labels,
        id);
    return id;
  }

  private static JsonNode delivery(UUID webhook) {
    Object id =
        pipeline.value("SELECT id FROM webhooks.delivery WHERE subscription_id = ?", webhook);
    return pipeline.api().get("/rest/deliveries/" + id).body();
  }

  @Test
  void body_type_and_headers_are_sent_signed_kept_and_shown() throws Exception {
    UUID webhook = webhook("/form", "form.*", "{\"region\":\"eu\"}");
    pipeline.change("form.updated", "{\"city\":\"Köln\"}");
    soon().until(() -> own.received("/form").size() == 1);
    Received sent = own.received("/form").get(0);
    assertThat(sent.text()).isEqualTo("Zoë, Köln, " + own.url("/form"));
    assertThat(sent.headers())
        .containsEntry("x-region", "eu of mine")
        .containsEntry("authorization", "Bearer geheim")
        .containsEntry("content-type", "text/plain; charset=utf-8")
        .containsEntry(
            "webhook-signature",
            new Webhook(SECRET)
                .sign(
                    sent.id(),
                    Long.parseLong(sent.headers().get("webhook-timestamp")),
                    sent.text()));
    assertThat(sent.headers().get("x-change")).matches("\\d+ \\[]");
    assertThat(sent.headers()).doesNotContainKeys("x-empty", "camelhttpuri");
    pipeline.awaitRecorded();
    JsonNode shown = delivery(webhook);
    assertThat(shown.path("body").asText()).isEqualTo(sent.text());
    assertThat(shown.path("request").toString())
        .isEqualTo(
            "{\"url\":null,\"contentType\":\"text/plain; charset=utf-8\",\"headers\":{"
                + "\"X-Change\":\"%s\",\"X-Region\":\"eu of mine\",\"Authorization\":\"(hidden)\"}}"
                    .formatted(sent.headers().get("x-change")));
    assertThat(shown.at("/attempts/0/requestHeaders/Content-Type").asText())
        .isEqualTo("text/plain; charset=utf-8");
    assertThat(shown.at("/attempts/0/requestHeaders/Authorization").asText()).isEqualTo("(hidden)");
    assertThat(pipeline.api().post("/rest/deliveries/" + sent.id() + "/redeliver", "").status())
        .isEqualTo(202);
    soon().until(() -> own.received("/form").size() == 2);
    Received again = own.received("/form").get(1);
    assertThat(again.text()).isEqualTo(sent.text());
    assertThat(again.headers())
        .containsEntry("x-region", "eu of mine")
        .containsEntry("content-type", "text/plain; charset=utf-8");
  }

  @Test
  void another_target_counts_for_the_endpoint_that_it_names() throws Exception {
    UUID webhook = webhook("/own", "*.*", "{}");
    pipeline.sql(
        "UPDATE webhooks.subscription SET operations = '{elsewhere.*,home.*}', headers = '{\"X-Secret\":\"s\"}' WHERE id = ?",
        webhook);
    ELSEWHERE.set(410);
    for (int i = 1; i <= 3; i++) {
      int made = i;
      pipeline.change("elsewhere.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE status = 410") == Math.min(made, 2));
    }
    assertThat(other.received("/eu?a=b")).hasSize(2);
    assertThat(other.received("/eu?a=b").get(0).headers()).doesNotContainKey("x-secret");
    assertThat(pipeline.count("endpoint WHERE failing_since IS NOT NULL")).isZero();
    pipeline.change("home.created", "{}");
    soon().until(() -> own.received("/own").size() == 1);
    assertThat(own.received("/own").get(0).headers()).containsEntry("x-secret", "s");

    ELSEWHERE.set(200);
    pipeline.sql(
        "INSERT INTO webhooks.endpoint (subscription_id, failing_since, paused_until, pauses)"
            + " VALUES (?, now(), now() + interval '1 hour', 1)",
        webhook);
    soon()
        .until(
            () -> {
              pipeline.sql( // its pause is over at some time
                  "UPDATE webhooks.delivery SET due_at = now() WHERE subscription_id = ? AND state = 'pending'",
                  webhook);
              return pipeline.count(
                      "delivery WHERE state = 'delivered' AND request IS NOT NULL"
                          + " AND subscription_id = '"
                          + webhook
                          + "'")
                  == 3;
            });
    assertThat(pipeline.count("endpoint WHERE paused_until > now() + interval '50 minutes'"))
        .as("its own pause is neither over nor moved")
        .isEqualTo(1);
    pipeline.sql("DELETE FROM webhooks.endpoint WHERE subscription_id = ?", webhook);
  }

  @Test
  void a_null_body_or_a_stop_leaves_out_one_webhook_which_is_no_gap() throws Exception {
    UUID skipped = webhook("/skipped", "left.*", "{\"do\":\"skip\"}");
    UUID stopped = webhook("/stopped", "left.*", "{\"do\":\"stop\"}");
    webhook("/sent", "left.*", "{}");
    pipeline.change("left.created", "{}");
    soon().until(() -> own.received("/sent").size() == 1);
    pipeline.awaitRecorded();
    for (UUID webhook : new UUID[] {skipped, stopped}) {
      JsonNode shown = delivery(webhook);
      assertThat(shown.path("state").asText()).isEqualTo("cancelled");
      assertThat(shown.path("error").asText()).isEqualTo("left out by customise-delivery");
      assertThat(
              pipeline
                  .api()
                  .post("/rest/deliveries/" + shown.path("id").asText() + "/redeliver", "")
                  .status())
          .isEqualTo(409);
    }
    replay(skipped, ReplayMode.FAILED);
    replay(stopped, ReplayMode.ALL);
    assertThat(own.received("/skipped")).isEmpty();
    assertThat(own.received("/stopped")).isEmpty();
    assertThat(new Reconciliation(pipeline.statements()).disagreements(10)).isEmpty();
  }

  private static void replay(UUID webhook, ReplayMode mode) throws Exception {
    long id =
        new Replays(pipeline.statements())
            .start(new Replays.Request(webhook, null, mode, Instant.EPOCH, null, null))
            .orElseThrow()
            .path("id")
            .asLong();
    soon().until(() -> pipeline.count("replay WHERE state = 'done' AND id = " + id) == 1);
  }

  @Test
  void a_replay_goes_through_it_too_and_a_map_is_written_as_json() throws Exception {
    pipeline.change("map.created", "{\"a\": 1}");
    pipeline.awaitRecorded();
    UUID webhook = webhook("/map", "map.*", "{}");
    replay(webhook, ReplayMode.MISSING);
    soon().until(() -> own.received("/map").size() == 1);
    assertThat(own.received("/map").get(0).text()).isEqualTo("{\"a\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "host | header 'Host' is reserved",
        "line | header 'X-A' must have a text of visible ASCII characters",
        "type | header 'Content-Type' must be a media type",
        "url | header 'CamelHttpUri': target URL: it must not hold a user or password",
        "object | the body is a io.crmwebhooks.domain.Webhook$Name",
      })
  void a_request_that_cannot_be_sent_parks_the_change(String object, String reason) {
    UUID webhook = webhook("/bad", object + ".*", "{}");
    pipeline.change(object + ".created", "{}");
    pipeline.awaitRecorded();
    assertThat(
            (String)
                pipeline.value(
                    "SELECT reason FROM webhooks.parked_change JOIN webhooks.change ON id = change_id WHERE object = ?",
                    object))
        .contains("route customise-delivery, webhook " + webhook + ": " + reason);
    assertThat(own.received("/bad")).isEmpty();
  }

  @Test
  void an_error_for_one_webhook_keeps_the_change_from_all() {
    webhook("/before", "some.*", "{}");
    webhook("/throws", "some.*", "{\"do\":\"throw\"}");
    pipeline.change("some.created", "{}");
    pipeline.awaitRecorded();
    assertThat(
            (String)
                pipeline.value(
                    "SELECT reason FROM webhooks.parked_change JOIN webhooks.change ON id = change_id WHERE object = 'some'"))
        .contains("route customise-delivery, step refuse")
        .endsWith("not today");
    assertThat(own.received("/before")).isEmpty();
  }
}
