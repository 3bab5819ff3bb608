package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code /rest/parked-changes}. */
class ApiParkedChangesTest {
  private static final String RETRY = "/rest/parked-changes/retry";

  /** They have no record, so the pipeline parks them too, and leaves the reason as it is. */
  private static void park(PipelineFixture pipeline, String event, int count, String workspace) {
    pipeline.sql(
        """
        WITH made AS (
          INSERT INTO webhooks.change (event, record_id, workspace, occurred_at)
          SELECT ?, n::text, ?, '2025-01-01T00:00:00Z'::timestamptz + n * interval '1 day'
          FROM generate_series(1, CAST(? AS integer)) n
          RETURNING id)
        INSERT INTO webhooks.parked_change (change_id, reason) SELECT id, 'the look-up of its owner failed' FROM made""",
        event,
        workspace,
        Integer.toString(count));
    soon().until(() -> pipeline.count("undispatched") == 0);
  }

  /** Its queue is looked at when a change is made, and else once an hour. */
  private static PipelineFixture unpolled() {
    return new PipelineFixture(
        "webhooks.poll.delay",
        "1h",
        "webhooks.health.ready-within",
        "2h",
        "webhooks.health.live-within",
        "2h");
  }

  private static int retried(ApiClient api, String body) {
    ApiClient.Reply reply = api.post(RETRY, body);
    assertThat(reply.status()).isEqualTo(200);
    return reply.body().path("retried").asInt();
  }

  private static String token(ApiClient api, String role, String workspace) {
    String body = "{\"name\":\"%1$s of %2$s\",\"role\":\"%1$s\",\"workspace\":\"%2$s\"}";
    return api.post("/rest/tokens", body.formatted(role, workspace)).body().path("token").asText();
  }

  @Test
  void a_parked_change_is_sent_once_when_its_cause_is_mended_and_it_is_retried() {
    try (PipelineFixture pipeline = new PipelineFixture().start();
        TestReceiver receiver = TestReceiver.answering(200)) {
      ApiClient api = pipeline.api();
      pipeline.webhook(receiver.url("/"), "person.*");
      pipeline.change("person.created", "[\"no object\"]");
      pipeline.change("person.updated", "[\"no object\"]");
      soon().until(() -> pipeline.count("parked_change") == 2);
      JsonNode newest = api.get("/rest/parked-changes?limit=1").body();
      assertThat(newest.at("/data/0/event").asText()).isEqualTo("person.updated");
      assertThat(newest.at("/data/0/reason").asText()).contains("object");
      assertThat(newest.path("nextCursor").isNull()).isFalse();
      pipeline.sql(
          "UPDATE webhooks.change SET record = '{\"n\":1}' WHERE event = 'person.created'");

      assertThat(retried(api, "{}")).isEqualTo(2);
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(receiver.received()).hasSize(1);
      JsonNode left = api.get("/rest/parked-changes").body();
      assertThat(left.path("data")).hasSize(1);
      assertThat(left.at("/data/0/event").asText()).isEqualTo("person.updated");

      assertThat(retried(api, "{\"event\":\"person.created\"}")).isZero();
      assertThat(pipeline.count("delivery")).isEqualTo(1);
    }
  }

  @Test
  void parked_changes_are_found_and_retried_by_event_time_reason_and_id() {
    try (PipelineFixture pipeline = unpolled().start()) {
      ApiClient api = pipeline.api();
      park(pipeline, "person.created", 30, "");
      park(pipeline, "company.created", 3, "");
      List<Long> seen = new ArrayList<>();
      String cursor = "";
      do {
        String path =
            "/rest/parked-changes?event=person.*&since=2025-01-12T00:00:00Z&limit=7&cursor=";
        JsonNode page = api.get(path + cursor).body();
        page.path("data").forEach(change -> seen.add(change.path("id").asLong()));
        cursor = page.path("nextCursor").textValue();
      } while (cursor != null);
      assertThat(seen).hasSize(20).isSortedAccordingTo((a, b) -> Long.compare(b, a));
      assertThat(api.get("/rest/parked-changes?reason=OWNER").body().path("data")).hasSize(33);
      assertThat(api.get("/rest/parked-changes?reason=%25").body().path("data")).isEmpty();

      assertThat(retried(api, "{\"ids\":[%d,%d,999999]}".formatted(seen.get(0), seen.get(1))))
          .isEqualTo(2);
      assertThat(retried(api, "{\"since\":\"2025-01-29T00:00:00Z\"}")).isEqualTo(1);
      assertThat(retried(api, "{\"event\":\"*.created\",\"since\":\"2025-01-28T00:00:00Z\"}"))
          .isEqualTo(1);
      assertThat(retried(api, "{\"reason\":\"another\"}")).isZero();
      assertThat(retried(api, "{\"reason\":\"Look-Up\"}")).isEqualTo(29);
      assertThat(api.post(RETRY, null).body().path("retried").asInt()).isZero();
      assertThat(pipeline.count("parked_change")).isZero();
    }
  }

  @Test
  void however_many_are_retried_in_one_call_and_what_is_parked_again_stays() {
    try (PipelineFixture pipeline = new PipelineFixture().start()) {
      park(pipeline, "person.created", 2500, "");
      assertThat(retried(pipeline.api(), "{}")).isEqualTo(2500);
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(pipeline.count("parked_change")).isEqualTo(2500); // none has a record
    }
  }

  @Test
  void a_token_of_a_workspace_sees_and_retries_its_own_only_and_needs_the_role() {
    try (PipelineFixture pipeline = unpolled().start()) {
      park(pipeline, "person.created", 2, "one");
      park(pipeline, "person.created", 3, "two");
      ApiClient one = pipeline.api().as(token(pipeline.api(), "operate", "one"));
      assertThat(one.get("/rest/parked-changes").body().path("data"))
          .hasSize(2)
          .allMatch(change -> change.path("workspace").asText().equals("one"));
      ApiClient reader = pipeline.api().as(token(pipeline.api(), "read", "one"));
      assertThat(reader.get("/rest/parked-changes").status()).isEqualTo(200);
      assertThat(reader.post(RETRY, "{}").status()).isEqualTo(403);
      List<String> all = new ArrayList<>();
      pipeline
          .sql("SELECT change_id FROM webhooks.parked_change")
          .forEach(row -> all.add(row.get("change_id").toString()));
      assertThat(retried(one, "{\"ids\":[" + String.join(",", all) + "]}")).isEqualTo(2);
      assertThat(one.get("/rest/parked-changes").body().path("data")).isEmpty();
      assertThat(pipeline.count("parked_change")).isEqualTo(3);
    }
  }

  @Test
  void a_field_or_parameter_that_is_wrong_is_named() {
    try (PipelineFixture pipeline = new PipelineFixture().start()) {
      for (String wrong : List.of("[]", "[\"1\"]", "[1.5]")) {
        assertNamed(pipeline.api().post(RETRY, "{\"ids\":" + wrong + "}"), "ids");
      }
      for (String field : List.of("event", "since", "workspace")) {
        assertNamed(pipeline.api().post(RETRY, "{\"" + field + "\":\"person\"}"), field);
      }
      for (String field : List.of("event", "since", "reason")) {
        assertNamed(pipeline.api().post(RETRY, "{\"" + field + "\":1}"), field);
      }
      for (String parameter : List.of("event", "since", "limit", "cursor", "until")) {
        assertNamed(pipeline.api().get("/rest/parked-changes?" + parameter + "=x"), parameter);
      }
    }
  }

  private static void assertNamed(ApiClient.Reply reply, String field) {
    assertThat(reply.status()).as(field).isEqualTo(400);
    assertThat(reply.errors()).hasSize(1).allMatch(error -> error.startsWith(field + " "));
  }
}
