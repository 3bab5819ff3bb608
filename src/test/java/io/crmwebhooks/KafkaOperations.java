package io.crmwebhooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Answer;
import io.crmwebhooks.admin.Api;
import io.crmwebhooks.admin.Call;
import io.crmwebhooks.admin.Caller;
import io.crmwebhooks.admin.Caller.Role;
import io.crmwebhooks.admin.Contract;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.NewWebhook;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The operations over a database and a topic of outcomes, for tests that fill both by hand. */
abstract class KafkaOperations {
  static final Caller OPERATOR = new Caller("test", Role.ADMIN, null);

  private final TestDatabase database = TestDatabase.create();
  final Outcomes outcomes = new Outcomes();
  final Sql sql = new Sql(database.dataSource());
  private Api api;
  UUID webhook;

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

  UUID webhook(String workspace) throws SQLException {
    return new Webhooks(
            database.dataSource(),
            EgressRules.of(database.settings(Map.of("webhooks.egress.allow", "localhost"))))
        .add(
            database.secrets(),
            NewWebhook.of(workspace, "http://localhost/", List.of("person.*"), ""));
  }

  void run(String statement) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement made = connection.createStatement()) {
      made.execute(statement);
    }
  }

  /** Changes that are dispatched, from 1 on. */
  void changes(int count) throws SQLException {
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

  ObjectNode outcome(long change) throws SQLException {
    ObjectNode outcome = Outcomes.outcome(change, captured(change), webhook, "person.created");
    outcome.put("epoch", epoch(change));
    outcome.put(
        "id",
        "msg_%016x%s%x".formatted(change, webhook.toString().replace("-", ""), epoch(change)));
    return outcome;
  }

  void arrived(long... changes) throws SQLException {
    for (long change : changes) {
      outcomes.write(outcome(change), Instant.now());
    }
    outcomes.flush();
  }

  void here(String state, long... changes) throws SQLException {
    for (long change : changes) {
      run(
          "INSERT INTO webhooks.delivery (change_id, epoch, subscription_id, state, due_at, attempts, error) "
              + "SELECT id, epoch, '%s', '%s', CASE '%s' WHEN 'pending' THEN now() + interval '1 h' END, 1, 'HTTP 500' FROM webhooks.change WHERE id = %d"
                  .formatted(webhook, state, state, change));
    }
  }

  JsonNode call(Caller caller, String method, String path, ObjectNode body) throws Exception {
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

  JsonNode get(String path) throws Exception {
    return call(OPERATOR, "GET", path, null);
  }

  static String since() {
    return "since=" + Instant.now().minusSeconds(3600);
  }

  static List<Long> changes(JsonNode page) {
    List<Long> changes = new ArrayList<>();
    page.path("data").forEach(row -> changes.add(row.path("changeId").asLong()));
    return changes;
  }
}
