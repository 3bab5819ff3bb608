package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.closeAll;
import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.admin.Reconciliation;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /rest/parked-changes}; each test has an object or a workspace of its own. */
class ApiParkedChangesTest {
  private static final String PARKED = "/rest/parked-changes";
  private static final String RETRY = PARKED + "/retry";
  private static final String ALL = "{}";

  private static PipelineFixture pipeline;
  private static TestReceiver receiver;
  private static ApiClient api;

  @BeforeAll
  static void start() {
    receiver = TestReceiver.answering(200);
    pipeline = new PipelineFixture();
    pipeline.webhook(receiver.url("/"), "person.*", "task.*");
    pipeline.start();
    api = pipeline.api();
  }

  @AfterAll
  static void stop() throws Exception {
    closeAll(receiver, pipeline);
  }

  /** They have no record. */
  private static void park(String event, int count, String workspace) {
    pipeline.sql(
        """
        INSERT INTO webhooks.change (event, record_id, workspace, occurred_at)
        SELECT ?, n::text, ?, '2025-01-01T00:00:00Z'::timestamptz + n * interval '1 day'
        FROM generate_series(1, CAST(? AS integer)) n""",
        event,
        workspace,
        Integer.toString(count));
    dispatched();
  }

  private static void dispatched() {
    soon().until(() -> pipeline.count("undispatched") == 0);
  }

  /** From now on they can be processed. */
  private static void mend(String condition) {
    pipeline.sql("UPDATE webhooks.change SET record = '{\"n\":1}' WHERE " + condition);
  }

  private static long parked(String condition) {
    return pipeline.count(
        "parked_change JOIN webhooks.change c ON c.id = change_id WHERE " + condition);
  }

  private static int retried(ApiClient api, String body) {
    ApiClient.Reply reply = api.post(RETRY, body);
    assertThat(reply.status()).isEqualTo(200);
    return reply.body().path("retried").asInt();
  }

  private static ApiClient as(String role, String workspace) {
    String body = "{\"name\":\"%1$s of %2$s\",\"role\":\"%1$s\",\"workspace\":\"%2$s\"}";
    return api.as(
        api.post("/rest/tokens", body.formatted(role, workspace)).body().path("token").asText());
  }

  @Test
  void a_parked_change_is_sent_once_when_its_cause_is_mended_and_it_is_retried() {
    pipeline.change("person.created", "[\"no object\"]");
    pipeline.change("person.updated", "[\"no object\"]");
    soon().until(() -> parked("c.object = 'person'") == 2);
    JsonNode newest = api.get(PARKED + "?event=person.*&limit=1").body();
    assertThat(newest.at("/data/0/event").asText()).isEqualTo("person.updated");
    assertThat(newest.at("/data/0/reason").asText()).contains("object");
    assertThat(newest.path("nextCursor").isNull()).isFalse();
    mend("event = 'person.created'");

    assertThat(retried(api, "{\"event\":\"person.*\"}")).isEqualTo(2);
    soon().until(() -> persons() == 1);
    dispatched();
    JsonNode left = api.get(PARKED + "?event=person.*").body();
    assertThat(left.path("data")).hasSize(1);
    assertThat(left.at("/data/0/event").asText()).isEqualTo("person.updated");

    assertThat(retried(api, "{\"event\":\"person.created\"}")).isZero();
    assertThat(persons()).isEqualTo(1);
  }

  private static long persons() {
    return receiver.received().stream().filter(sent -> sent.text().contains("person.")).count();
  }

  @Test
  void a_parked_change_that_somebody_queues_by_hand_is_parked_no_longer() throws SQLException {
    park("task.created", 2, "");
    mend("event = 'task.created' AND record_id = '1'");
    pipeline.sql(
        "INSERT INTO webhooks.change_queue (id) SELECT id FROM webhooks.change WHERE event = 'task.created'");
    soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") > 0);
    dispatched();
    JsonNode left = api.get(PARKED + "?event=task.*").body().path("data");
    assertThat(left).hasSize(1);
    assertThat(left.at("/0/recordId").asText()).isEqualTo("2");
    assertThat(new Reconciliation(pipeline.statements()).disagreements(10)).isEmpty();
  }

  @Test
  void parked_changes_are_found_and_retried_by_event_time_reason_and_id() {
    park("note.created", 30, "");
    park("company.created", 3, "");
    String both = "object IN ('note', 'company')";
    mend(both);
    pipeline.sql(
        "UPDATE webhooks.parked_change SET reason = 'the look-up of its owner failed'"
            + " WHERE change_id IN (SELECT id FROM webhooks.change WHERE "
            + both
            + ")");
    List<Long> seen = new ArrayList<>();
    String cursor = "";
    do {
      String path = PARKED + "?event=note.*&since=2025-01-12T00:00:00Z&limit=7&cursor=";
      JsonNode page = api.get(path + cursor).body();
      page.path("data").forEach(change -> seen.add(change.path("id").asLong()));
      cursor = page.path("nextCursor").textValue();
    } while (cursor != null);
    assertThat(seen).hasSize(20).isSortedAccordingTo((a, b) -> Long.compare(b, a));
    String owner = PARKED + "?reason=OWNER";
    assertThat(api.get(owner + "&until=2025-01-04T00:00:00Z").body().path("data")).hasSize(4);
    assertThat(api.get(owner).body().path("data")).hasSize(33);
    assertThat(api.get(PARKED + "?reason=%25").body().path("data")).isEmpty();

    assertThat(retried(api, "{\"ids\":[%d,%d,999999]}".formatted(seen.get(0), seen.get(1))))
        .isEqualTo(2);
    String look = "{\"reason\":\"Look-Up\"";
    assertThat(retried(api, look + ",\"until\":\"2025-01-03T00:00:00Z\"}")).isEqualTo(2);
    assertThat(retried(api, look + ",\"since\":\"2025-01-29T00:00:00Z\"}")).isEqualTo(1);
    assertThat(retried(api, look + ",\"event\":\"*.created\",\"since\":\"2025-01-28T00:00:00Z\"}"))
        .isEqualTo(1);
    assertThat(retried(api, "{\"reason\":\"another\"}")).isZero();
    assertThat(retried(api, look + "}")).isEqualTo(27);
    dispatched();
    assertThat(parked(both)).isZero();
  }

  @Test
  void however_many_are_retried_in_one_call_and_what_is_parked_again_stays() {
    park("deal.created", 2500, "");
    assertThat(retried(api, "{\"event\":\"deal.created\"}")).isEqualTo(2500);
    dispatched();
    assertThat(parked("event = 'deal.created'")).isEqualTo(2500); // none has a record
  }

  @Test
  void a_token_of_a_workspace_sees_counts_and_retries_its_own_only_and_needs_the_role() {
    park("visit.created", 2, "one");
    park("visit.created", 3, "two");
    mend("event = 'visit.created'");
    ApiClient one = as("operate", "one");
    assertThat(one.get(PARKED).body().path("data"))
        .hasSize(2)
        .allMatch(change -> change.path("workspace").asText().equals("one"));
    assertThat(one.get("/rest/stats").body().at("/total/parked").asInt()).isEqualTo(2);
    assertThat(api.get("/rest/stats").body().at("/total/parked").asLong())
        .isEqualTo(pipeline.count("parked_change"));
    ApiClient reader = as("read", "one");
    assertThat(reader.get(PARKED).status()).isEqualTo(200);
    assertThat(reader.post(RETRY, ALL).status()).isEqualTo(403);
    List<String> ids = new ArrayList<>();
    pipeline
        .sql("SELECT id FROM webhooks.change WHERE event = 'visit.created'")
        .forEach(row -> ids.add(row.get("id").toString()));
    assertThat(retried(one, "{\"ids\":[" + String.join(",", ids) + "]}")).isEqualTo(2);
    dispatched();
    assertThat(one.get(PARKED).body().path("data")).isEmpty();
    assertThat(retried(one, ALL)).isZero();
    assertThat(parked("event = 'visit.created'")).isEqualTo(3);
    assertThat(retried(as("operate", "two"), ALL)).isEqualTo(3);
  }

  @Test
  void a_field_or_parameter_that_is_wrong_is_named() {
    for (String wrong : List.of("[]", "[\"1\"]", "[1.5]")) {
      assertNamed(api.post(RETRY, "{\"ids\":" + wrong + "}"), "ids");
    }
    assertNamed(api.post(RETRY, "{\"all\":true}"), "all");
    assertThat(api.post(RETRY, null).status()).isEqualTo(400);
    assertNamed(api.post(RETRY, "{\"reason\":\" \"}"), "reason");
    assertNamed(api.post(RETRY, "{\"ids\":[1],\"workspace\":\"\"}"), "workspace");
    for (String field : List.of("event", "since", "until")) {
      assertNamed(api.post(RETRY, "{\"" + field + "\":\"person\"}"), field);
    }
    for (String field : List.of("event", "since", "reason")) {
      assertNamed(api.post(RETRY, "{\"" + field + "\":1}"), field);
    }
    for (String parameter : List.of("event", "since", "limit", "cursor", "until")) {
      assertNamed(api.get(PARKED + "?" + parameter + "=x"), parameter);
    }
  }

  private static void assertNamed(ApiClient.Reply reply, String field) {
    assertThat(reply.status()).as(field).isEqualTo(400);
    assertThat(reply.errors()).hasSize(1).allMatch(error -> error.startsWith(field + " "));
  }
}
