package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Answer;
import io.crmwebhooks.admin.Api;
import io.crmwebhooks.admin.Call;
import io.crmwebhooks.admin.Caller;
import io.crmwebhooks.admin.Caller.Role;
import io.crmwebhooks.admin.Contract;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.NewWebhook;
import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.admin.Reconciliation;
import io.crmwebhooks.admin.Tokens;
import io.crmwebhooks.admin.Webhooks;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.http.EgressRules;
import io.crmwebhooks.kafka.Outcomes;
import io.crmwebhooks.observe.AttemptCounts;
import io.crmwebhooks.settings.Settings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The operations over a database and a topic that together hold the deliveries. */
class KafkaDeliveriesTest {
  private static final Caller OPERATOR = new Caller("test", Role.ADMIN, null);

  private final TestDatabase database = TestDatabase.create();
  private final Outcomes outcomes = new Outcomes();
  private final Sql sql = new Sql(database.dataSource());
  private Api api;
  private UUID webhook;

  @BeforeEach
  void open() throws SQLException {
    Settings settings = database.settings(Map.of("webhooks.egress.allow", "localhost"));
    api =
        Api.open(
            settings,
            sql,
            new Tokens(sql, ""),
            new Api.Surroundings(
                database::secrets,
                () -> null,
                new AttemptCounts(sql, outcome -> {}),
                News.UNTOLD,
                outcomes.topic(),
                Set::of),
            Clock.systemUTC());
    webhook = webhook("");
  }

  @AfterEach
  void close() {
    outcomes.close();
    database.close();
  }

  private UUID webhook(String workspace) throws SQLException {
    return new Webhooks(
            database.dataSource(),
            EgressRules.of(database.settings(Map.of("webhooks.egress.allow", "localhost"))))
        .add(
            database.secrets(),
            NewWebhook.of(workspace, "http://localhost/", List.of("person.*"), ""));
  }

  private void run(String statement) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement made = connection.createStatement()) {
      made.execute(statement);
    }
  }

  /** Changes that are dispatched, from 1 on. */
  private void changes(int count) throws SQLException {
    run(
        "INSERT INTO webhooks.change (event, record_id, record) "
            + "SELECT 'person.created', 'r' || n, '{\"n\":1}' FROM generate_series(1, %d) n"
                .formatted(count));
    run("DELETE FROM webhooks.change_queue");
  }

  private Instant captured(long change) throws SQLException {
    return Instant.ofEpochMilli(epoch(change) / 1000);
  }

  private long epoch(long change) throws SQLException {
    return sql.row("SELECT epoch FROM webhooks.change WHERE id = " + change, Map.of())
        .orElseThrow()
        .path("epoch")
        .asLong();
  }

  private ObjectNode outcome(long change) throws SQLException {
    ObjectNode outcome = Outcomes.outcome(change, captured(change), webhook, "person.created");
    outcome.put("epoch", epoch(change));
    outcome.put(
        "id",
        "msg_%016x%s%x".formatted(change, webhook.toString().replace("-", ""), epoch(change)));
    return outcome;
  }

  private void arrived(long... changes) throws SQLException {
    for (long change : changes) {
      outcomes.write(outcome(change), Instant.now());
    }
    outcomes.flush();
  }

  private void here(String state, long... changes) throws SQLException {
    for (long change : changes) {
      run(
          "INSERT INTO webhooks.delivery (change_id, epoch, subscription_id, state, due_at, attempts, error) "
              + "SELECT id, epoch, '%s', '%s', CASE '%s' WHEN 'pending' THEN now() + interval '1 h' END, 1, 'HTTP 500' FROM webhooks.change WHERE id = %d"
                  .formatted(webhook, state, state, change));
    }
  }

  private JsonNode call(Caller caller, String method, String path, ObjectNode body)
      throws Exception {
    String[] parts = path.split("\\?", 2);
    Contract.Match match = api.contract().match(method, parts[0]);
    Answer answer =
        api.answer(
            Call.of(
                caller,
                match,
                parts.length == 1 ? null : parts[1],
                null,
                body == null ? null : Json.bytes(body),
                fraction -> {}));
    HeldToContract.check(method, parts[0], answer.status(), answer.body().toString());
    return answer.body();
  }

  private JsonNode get(String path) throws Exception {
    return call(OPERATOR, "GET", path, null);
  }

  private static String since() {
    return "since=" + Instant.now().minusSeconds(3600);
  }

  private static List<Long> changes(JsonNode page) {
    List<Long> changes = new ArrayList<>();
    page.path("data").forEach(row -> changes.add(row.path("changeId").asLong()));
    return changes;
  }

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
  void one_that_arrived_is_sent_again_with_its_id_as_its_next_attempt() throws Exception {
    run("UPDATE webhooks.subscription SET ordering = 'record'");
    changes(1);
    arrived(1);
    String id = outcome(1).path("id").asText();
    JsonNode again = call(OPERATOR, "POST", "/rest/deliveries/" + id + "/redeliver", Json.object());
    assertThat(again.path("id").asText()).isEqualTo(id);
    assertThat(again.path("state").asText()).isEqualTo("pending");
    assertThat(again.path("attemptCount").asInt()).isEqualTo(1);
    assertThat(again.path("attempts")).hasSize(1);
    ObjectNode row =
        sql.row(
                "SELECT id, schedule_from, record_key IS NOT NULL AS kept, due_at <= now() AS due FROM webhooks.delivery",
                Map.of())
            .orElseThrow();
    assertThat(row)
        .hasToString(
            "{\"id\":\"%s\",\"schedule_from\":1,\"kept\":true,\"due\":true}".formatted(id));
    assertThat(changes(get("/rest/deliveries?" + since()))).containsExactly(1L);
    assertThat(get("/rest/deliveries?state=pending").path("data")).hasSize(1);
  }

  @Test
  void one_whose_body_is_not_kept_shows_none_and_is_not_sent_again() throws Exception {
    changes(1);
    outcomes.write(outcome(1).put("body_left_out", true), Instant.now());
    outcomes.flush();
    String path = "/rest/deliveries/" + outcome(1).path("id").asText();
    assertThat(get(path).path("body").isNull()).isTrue();
    assertThatThrownBy(() -> call(OPERATOR, "POST", path + "/redeliver", Json.object()))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.status()).isEqualTo(409))
        .hasMessageContaining("too long to be kept");
  }

  @Test
  void many_that_arrived_are_sent_again_by_their_ids_or_by_a_range() throws Exception {
    changes(250);
    for (long change = 1; change <= 250; change++) {
      outcomes.write(outcome(change), Instant.now());
    }
    outcomes.flush();
    ObjectNode body = Json.object();
    body.putArray("ids")
        .add(outcome(1).path("id").asText())
        .add(outcome(2).path("id").asText())
        .add(outcome(2).path("id").asText().replace("msg_0000", "msg_0001"));
    JsonNode some = call(OPERATOR, "POST", "/rest/deliveries/redeliver", body);
    assertThat(some.path("redelivered").asInt()).isEqualTo(2);
    ObjectNode range =
        Json.object()
            .put("state", "delivered")
            .put("since", Instant.now().minusSeconds(3600).toString());
    int sum = 0;
    JsonNode page;
    do {
      page = call(OPERATOR, "POST", "/rest/deliveries/redeliver", range);
      sum += page.path("redelivered").asInt();
      range.set("cursor", page.path("nextCursor"));
    } while (page.hasNonNull("nextCursor"));
    assertThat(sum).isEqualTo(248);
    assertThatThrownBy(
            () ->
                call(
                    OPERATOR,
                    "POST",
                    "/rest/deliveries/redeliver",
                    Json.object().put("state", "delivered")))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("since");
  }

  @Test
  void more_than_fits_into_memory_is_sent_again_a_part_at_a_time() throws Exception {
    changes(30);
    ObjectNode body = Json.object();
    for (long change = 1; change <= 30; change++) {
      outcomes.write(outcome(change).put("body", "b".repeat(200_000)), Instant.now());
      body.withArray("ids").add(outcome(change).path("id").asText());
    }
    outcomes.flush();
    JsonNode again = call(OPERATOR, "POST", "/rest/deliveries/redeliver", body);
    assertThat(again.path("redelivered").asInt()).isEqualTo(30);
  }

  @Test
  void one_account_leaves_its_place_to_the_next() throws Exception {
    changes(2);
    for (int i = 0; i < 3; i++) {
      assertThat(get("/rest/reconciliation").at("/webhooks/0/gap").asInt()).isEqualTo(2);
    }
  }

  @Test
  void reconcile_counts_what_has_arrived_and_finds_the_one_that_is_lost() throws Exception {
    changes(6);
    arrived(1, 2);
    here("dead", 3);
    run("INSERT INTO webhooks.change_queue (id) VALUES (4)");
    run("INSERT INTO webhooks.claim (node, lease_until, changes) VALUES (0, 'infinity', '{5}')");
    JsonNode report = get("/rest/reconciliation");
    JsonNode fates = report.at("/webhooks/0");
    assertThat(fates.path("delivered").asInt()).isEqualTo(2);
    assertThat(fates.path("dead").asInt()).isEqualTo(1);
    assertThat(fates.path("queued").asInt()).isEqualTo(2);
    assertThat(fates.path("gap").asInt()).isEqualTo(1);
    assertThat(report.at("/gaps/0/changeId").asLong()).isEqualTo(6);
  }

  @Test
  void a_change_that_settles_while_reconcile_reads_is_no_gap() throws Exception {
    changes(5);
    arrived(1);
    Delivered topic = outcomes.topic();
    Delivered slow =
        new LaterOn(
            topic,
            () -> { // after the topic was read, before the tables are
              arrived(2);
              run("DELETE FROM webhooks.change_queue");
            });
    run("INSERT INTO webhooks.change_queue (id) VALUES (2)");
    JsonNode report =
        new Reconciliation(sql, slow)
            .report(new Reconciliation.Request(null, null, null, null, 10), fraction -> {});
    assertThat(report.at("/webhooks/0/delivered").asInt()).isEqualTo(2);
    assertThat(report.at("/webhooks/0/gap").asInt()).isEqualTo(3);
    assertThat(report.path("gaps").findValuesAsText("changeId"))
        .containsExactlyInAnyOrder("3", "4", "5");
  }

  @Test
  void a_replay_of_what_is_missing_leaves_what_has_arrived() throws Exception {
    changes(6);
    arrived(1, 2);
    here("dead", 3);
    run("INSERT INTO webhooks.dropped_change (change_id) VALUES (4)");
    ObjectNode asked =
        Json.object()
            .put("webhookId", webhook.toString())
            .put("mode", "missing")
            .put("since", Instant.now().minusSeconds(3600).toString());
    JsonNode count = call(OPERATOR, "POST", "/rest/replays", asked.deepCopy().put("dryRun", true));
    assertThat(count.path("toSend").asInt()).isEqualTo(3);
    assertThat(count.path("delivered").asInt()).isEqualTo(2);
    JsonNode replay = call(OPERATOR, "POST", "/rest/replays", asked);
    assertThat(replay.at("/deliveries/delivered").asInt()).isZero();
    long id = replay.path("id").asLong();
    List<ObjectNode> rows =
        sql.rows(
            Sql.sql("replay-chunk.sql"),
            Map.of(
                "replay", id, "position", 0, "room", 100, "recordBytes", 1000, "batchBytes", 1000));
    assertThat(rows).extracting(row -> row.path("change_id").asLong()).containsExactly(4L, 5L, 6L);
    run("UPDATE webhooks.replay SET owed = 5");
    assertThat(get("/rest/replays/" + id).at("/deliveries/delivered").asInt()).isEqualTo(5);
    call(OPERATOR, "POST", "/rest/replays/" + id + "/cancel", Json.object());
    assertThat(sql.rows("SELECT FROM webhooks.replay_missing", Map.of())).isEmpty();
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
      JsonNode fates = client.get("/rest/reconciliation").body().at("/webhooks/0");
      assertThat(fates.path("delivered").asInt()).isEqualTo(30);
      assertThat(fates.path("gap").asInt()).isZero();
      String path = "/rest/deliveries/" + page.at("/data/0/id").asText();
      assertThat(client.post(path + "/redeliver", null).status()).isEqualTo(202);
      soon().until(() -> receiver.received().size() == 31);
      soon().until(() -> pipeline.count("delivery") == 0);
      assertThat(client.get(path).body().path("attempts")).hasSize(2);
    }
  }

  /** Something happens each time after the pairs were read for the first time. */
  private record LaterOn(Delivered delivered, Event event) implements Delivered {
    interface Event {
      void happen() throws SQLException;
    }

    @Override
    public boolean isElsewhere() {
      return true;
    }

    @Override
    public Instant completeSince(String workspace) {
      return delivered.completeSince(workspace);
    }

    @Override
    public Page page(Wanted wanted, String cursor, int limit) {
      return delivered.page(wanted, cursor, limit);
    }

    @Override
    public Found ofChange(Place change, String workspace, String from) {
      return delivered.ofChange(change, workspace, from);
    }

    @Override
    public Sought find(Map<String, Place> changes, String workspace) {
      return delivered.find(changes, workspace);
    }

    @Override
    public Account account(String workspace) {
      return new LaterOnOnce(delivered.account(workspace), event);
    }
  }

  private record LaterOnOnce(Delivered.Account account, LaterOn.Event event)
      implements Delivered.Account {
    @Override
    public void close() {
      account.close();
    }

    @Override
    public Delivered.Pairs pairs(
        Set<UUID> webhooks, long first, long last, Instant since, DoubleConsumer progress) {
      Delivered.Pairs pairs = account.pairs(webhooks, first, last, since, progress);
      try {
        event.happen();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      return pairs;
    }
  }
}
