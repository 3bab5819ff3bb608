package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.TwentyFixture;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.verify.ReceivedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The requests that a receiver got from Twenty, beside the rows of the shadow. */
class TwentyComparisonTest {
  private static final String WEBHOOK = "40c1a0de-5a17-4000-8000-000000000004";
  private static final String PERSON = TwentyFixture.table("person");

  /** As the pipeline does in shadow. */
  private static final String RECORD_SHADOW =
      """
      INSERT INTO webhooks.delivery (change_id, epoch, subscription_id, state, error, body)
      SELECT id, epoch, '%s', 'cancelled', 'shadow', json_build_object('eventName', event, 'webhookId', '%s',
        'eventDate', to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'record', record)
      FROM webhooks.change ON CONFLICT DO NOTHING"""
          .formatted(WEBHOOK, WEBHOOK);

  private static TestDatabase database;
  private static TwentyFixture twenty;

  @TempDir private Path folder;

  @BeforeAll
  static void open() throws SQLException {
    database = TestDatabase.create();
    twenty = TwentyFixture.create(database.dataSource(), TwentyFixture.NEWER);
    twenty.run(
        "SELECT webhooks.twenty_install(NULL)",
        "SELECT webhooks.twenty_capture('%s', false)".formatted(TwentyFixture.WORKSPACE),
        "INSERT INTO webhooks.subscription (id, target_url, source, workspace) VALUES ('%s', 'http://x', 'twenty', '%s')"
            .formatted(WEBHOOK, TwentyFixture.WORKSPACE));
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void empty() throws SQLException {
    twenty.run(
        "TRUNCATE webhooks.change, webhooks.delivery", "TRUNCATE %s CASCADE".formatted(PERSON));
  }

  private static void people(int count) throws SQLException {
    twenty.run(
        "INSERT INTO %s (\"nameFirstName\") SELECT 'P' || i FROM generate_series(1, %d) AS i"
            .formatted(PERSON, count));
  }

  /** The request of Twenty, had it sent the same. */
  private static List<ObjectNode> bodies() throws SQLException {
    twenty.run(RECORD_SHADOW);
    return new Sql(database.dataSource())
        .rows("SELECT body::json AS body FROM webhooks.delivery ORDER BY id", Map.of()).stream()
            .map(row -> (ObjectNode) row.get("body"))
            .collect(Collectors.toCollection(ArrayList::new));
  }

  private JsonNode compare(List<? extends JsonNode> bodies) throws SQLException, IOException {
    return compare(bodies, null);
  }

  private JsonNode compare(List<? extends JsonNode> bodies, Instant since)
      throws SQLException, IOException {
    List<String> lines = new ArrayList<>();
    for (JsonNode body : bodies) {
      ObjectNode line = Json.object().put("body", body.toString());
      lines.add(line.set("headers", Json.object()).toString());
    }
    return compare(Files.write(folder.resolve("received.jsonl"), lines), since);
  }

  private static JsonNode compare(Path file, Instant since) throws SQLException, IOException {
    try (ReceivedFile received = ReceivedFile.open(file)) {
      return new TwentyComparison(new Sql(database.dataSource()), received, 100)
          .compare(since, since == null ? null : Instant.now());
    }
  }

  @Test
  void the_same_events_are_the_same_whenever_they_were_sent() throws Exception {
    people(300);
    List<ObjectNode> theirs = bodies();
    theirs.forEach(body -> body.put("eventDate", "2099-01-01T00:00:00.000Z"));
    theirs.get(0).put("eventDate", theirs.get(0).at("/record/createdAt").asText());

    JsonNode report = compare(theirs);

    assertThat(report.path("same").asInt()).isEqualTo(300);
    assertThat(report.path("agrees").asBoolean()).as(report.toString()).isTrue();
  }

  @Test
  void what_differs_is_missing_or_was_sent_twice_is_said_of_each_event() throws Exception {
    people(6);
    List<ObjectNode> theirs = bodies();
    ((ObjectNode) theirs.get(0).at("/record/name")).put("firstName", "Other");
    theirs.add(theirs.get(1));
    ((ObjectNode) theirs.get(2).path("record")).put("id", "50c1a0de-5a17-4000-8000-000000000005");
    ((ObjectNode) theirs.get(4).path("record")).put("updatedAt", "2020-01-01T00:00:00.000Z");
    twenty.run(
        "UPDATE webhooks.delivery SET state = 'delivered', error = NULL, body = NULL WHERE id ="
            + " (SELECT max(id) FROM webhooks.delivery)");
    theirs.add(Json.object().put("webhookId", WEBHOOK).put("eventName", "metadata.view.created"));
    theirs.add(Json.object().put("hello", "world"));
    theirs.get(3).put("eventDate", "2099-01-01T00:00:00.000Z"); // the range ends after all

    JsonNode report = compare(theirs);

    assertThat(verdicts(report))
        .containsExactlyInAnyOrder(
            "differs record.name.firstName",
            "repeated ",
            "missingHere ",
            "missingThere ",
            "differs record.updatedAt",
            "sentByBoth here it is delivered");
    assertThat(report.path("same").asInt()).isEqualTo(3);
    assertThat(report.path("metadata").asInt()).isEqualTo(1);
    assertThat(report.path("other").asInt()).isEqualTo(1);
    assertThat(report.path("agrees").asBoolean()).isFalse();
  }

  private static List<String> verdicts(JsonNode report) {
    List<String> verdicts = new ArrayList<>();
    report
        .path("events")
        .forEach(e -> verdicts.add(e.path("verdict").asText() + " " + e.path("note").asText()));
    return verdicts;
  }

  @Test
  void one_event_for_a_bulk_destroy_and_none_for_a_cascade_are_known_of_twenty() throws Exception {
    people(3);
    twenty.run(
        "INSERT INTO %s (\"targetPersonId\") SELECT id FROM %s LIMIT 1"
            .formatted(TwentyFixture.table("noteTarget"), PERSON),
        "TRUNCATE webhooks.change",
        "DELETE FROM " + PERSON);
    List<ObjectNode> theirs = bodies();
    assertThat(theirs).hasSize(4);
    theirs.removeIf(body -> body.path("eventName").asText().startsWith("noteTarget"));

    JsonNode report = compare(theirs.subList(0, 1), Instant.now().minusSeconds(3600));

    assertThat(report.path("same").asInt()).as(report.toString()).isEqualTo(1);
    assertThat(report.path("bulkDestroyed").asInt()).isEqualTo(2);
    assertThat(report.path("cascaded").asInt()).isEqualTo(1);
    assertThat(report.path("agrees").asBoolean()).isTrue();
  }

  @Test
  void a_file_of_something_else_is_refused_with_its_line() throws Exception {
    Path file = folder.resolve("other");
    Files.writeString(file, "{\"headers\":{},\"body\":\"{}\"}\n\nnot JSON\n");
    assertThatThrownBy(() -> ReceivedFile.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("line 3 of " + file + " is no JSON object with headers and body");
  }

  @Test
  void what_crm_webhooks_sent_is_left_out() throws Exception {
    people(1);
    ObjectNode line = Json.object().put("body", bodies().get(0).toString());
    line.putObject("headers").put("Webhook-Id", "msg_1");
    JsonNode report = compare(Files.writeString(folder.resolve("ours.jsonl"), line + "\n"), null);
    assertThat(report.path("ours").asInt()).isEqualTo(1);
    assertThat(report.path("same").asInt()).isZero();
  }
}
