package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.admin.ChangeAccount.Fate;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.http.EgressRules;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Changes that are owed to a webhook, and those taken for lost, on a real database without a
 * pipeline.
 */
class ReconciliationTest {
  private final TestDatabase database = TestDatabase.create();
  private final Sql sql = new Sql(database.dataSource());

  @AfterEach
  void close() {
    database.close();
  }

  private Webhooks webhooks() {
    return new Webhooks(
        database.dataSource(),
        EgressRules.of(database.settings(Map.of("webhooks.egress.allow", "localhost"))));
  }

  private UUID webhook(String workspace, String... operations) throws SQLException {
    return webhooks()
        .add(
            database.secrets(),
            NewWebhook.of(workspace, "http://localhost/", List.of(operations), ""));
  }

  private void run(String... statements) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  private void changes(String workspace, String event, int count) throws SQLException {
    run(
        "INSERT INTO webhooks.change (workspace, event, record_id, record) SELECT '%s', '%s', 'r' || n, '{}' FROM generate_series(1, %d) n"
            .formatted(workspace, event, count));
  }

  private void dispatched() throws SQLException {
    run("DELETE FROM webhooks.change_queue");
  }

  private void delivered(UUID webhook, String changes) throws SQLException {
    run(
        "INSERT INTO webhooks.delivery (change_id, subscription_id, state) SELECT id, '%s', 'delivered' FROM webhooks.change WHERE %s"
            .formatted(webhook, changes));
  }

  private ObjectNode report() throws SQLException {
    return report(null, null);
  }

  private ObjectNode report(Instant since, String workspace) throws SQLException {
    return new Reconciliation(sql)
        .report(new Reconciliation.Request(since, null, null, workspace, 100), fraction -> {});
  }

  private static String tally(JsonNode webhook) {
    StringBuilder text = new StringBuilder("matched " + webhook.path("matched"));
    for (Fate fate : Fate.values()) {
      if (webhook.path(fate.key()).asLong() > 0) {
        text.append(", ").append(fate.key()).append(' ').append(webhook.path(fate.key()));
      }
    }
    return text.toString();
  }

  @Test
  void every_change_meets_one_fate_and_what_is_found_nowhere_is_a_gap() throws SQLException {
    UUID webhook = webhook("", "person.*");
    changes("", "person.created", 10);
    changes("", "company.created", 5);
    run(
        "DELETE FROM webhooks.change_queue WHERE id <> 5",
        "INSERT INTO webhooks.parked_change (change_id, reason) VALUES (6, 'bad')",
        "INSERT INTO webhooks.dropped_change (change_id) VALUES (7)",
        "INSERT INTO webhooks.delivery (change_id, subscription_id, replay_id, state, due_at) "
            + "SELECT n, '%s', r, s, CASE s WHEN 'pending' THEN now() END FROM (VALUES "
                .formatted(webhook)
            + "(1, 0, 'delivered'), (2, 0, 'pending'), (3, 0, 'dead'), (4, 0, 'cancelled'), "
            + "(8, 0, 'dead'), (8, 1, 'delivered')) AS d(n, r, s)");
    ObjectNode report = report();
    assertThat(report.path("webhooks")).hasSize(1);
    assertThat(tally(report.path("webhooks").path(0)))
        .isEqualTo(
            "matched 10, delivered 2, pending 1, dead 1, cancelled 1, queued 1, parked 1, dropped 1, gap 2");
    assertThat(report.path("gap").asLong()).isEqualTo(2);
    assertThat(report.path("gaps")).hasSize(2);
    JsonNode gap = report.path("gaps").path(0);
    assertThat(gap.path("webhookId").asText()).isEqualTo(webhook.toString());
    assertThat(gap.path("event").asText()).isEqualTo("person.created");
    assertThat(gap.path("changeId").asLong()).isIn(9L, 10L);
    assertThat(gap.path("recordId").asText()).isEqualTo("r" + gap.path("changeId").asLong());
    assertThat(Instant.parse(gap.path("occurredAt").asText())).isBefore(Instant.now());
  }

  @Test
  void a_webhook_is_owed_what_it_wanted_when_the_change_was_made() throws SQLException {
    changes("", "person.created", 1);
    dispatched();
    UUID webhook = webhook("", "person.*", "*.created");
    changes("", "person.created", 2);
    changes("", "company.created", 2);
    changes("", "company.updated", 2);
    dispatched();
    run("UPDATE webhooks.subscription SET operations = '{company.*}'");
    changes("", "person.created", 4);
    changes("", "company.updated", 4);
    dispatched();
    run("UPDATE webhooks.subscription SET enabled = false");
    changes("", "company.updated", 8);
    dispatched();
    run("UPDATE webhooks.subscription SET enabled = true, description = 'again'");
    changes("", "company.updated", 16);
    dispatched();
    run("UPDATE webhooks.subscription SET description = 'no change to what it gets'");
    assertThat(tally(report().path("webhooks").path(0))).isEqualTo("matched 24, gap 24");
    delivered(webhook, "true");
    assertThat(tally(report().path("webhooks").path(0))).isEqualTo("matched 24, delivered 24");
  }

  @Test
  void a_change_that_was_queued_when_its_webhook_was_disabled_is_unserved_not_lost()
      throws SQLException {
    webhook("", "*.*");
    changes("", "person.created", 3);
    run(
        "DELETE FROM webhooks.change_queue WHERE id < 3",
        "UPDATE webhooks.subscription SET enabled = false");
    dispatched();
    assertThat(tally(report().path("webhooks").path(0))).isEqualTo("matched 3, unserved 1, gap 2");
  }

  @Test
  void a_change_dispatched_while_its_webhook_was_being_added_is_not_owed_to_it()
      throws SQLException {
    try (Connection adding = database.dataSource().getConnection();
        Statement statement = adding.createStatement()) {
      adding.setAutoCommit(false);
      statement.execute("INSERT INTO webhooks.subscription (target_url) VALUES ('http://x/')");
      changes("", "person.created", 5);
      dispatched();
      adding.commit();
      adding.setAutoCommit(true);
    }
    changes("", "person.created", 2);
    dispatched();
    assertThat(tally(report().path("webhooks").path(0))).isEqualTo("matched 2, gap 2");
  }

  @Test
  void only_the_range_and_the_workspace_asked_for_are_looked_at() throws SQLException {
    UUID a = webhook("a", "*.*");
    webhook("b", "*.*");
    changes("a", "person.created", 3);
    changes("b", "person.created", 5);
    dispatched();
    delivered(a, "workspace = 'a'");
    assertThat(report().path("gap").asLong()).isEqualTo(5);
    ObjectNode ofA = report(null, "a");
    assertThat(ofA.path("gap").asLong()).isZero();
    assertThat(ofA.path("webhooks")).hasSize(1);
    Instant now = Instant.parse(ofA.path("until").asText());
    assertThat(report(now.plusSeconds(1), null).path("gap").asLong()).isZero();
  }

  @Test
  void a_deleted_webhook_is_not_reported() throws SQLException {
    UUID webhook = webhook("", "*.*");
    changes("", "person.created", 3);
    dispatched();
    webhooks().remove(webhook);
    assertThat(report().path("webhooks")).isEmpty();
    assertThat(report().path("gap").asLong()).isZero();
  }

  @Test
  void ranges_larger_than_a_window_are_added_up() throws SQLException {
    UUID webhook = webhook("", "*.*");
    changes("", "person.created", 45_000);
    dispatched();
    delivered(webhook, "id % 15000 <> 0");
    ObjectNode report = report();
    assertThat(tally(report.path("webhooks").path(0)))
        .isEqualTo("matched 45000, delivered 44997, gap 3");
    assertThat(report.path("gaps").findValues("changeId").stream().map(JsonNode::asLong))
        .containsExactlyInAnyOrder(15_000L, 30_000L, 45_000L);
  }

  @Test
  void an_empty_database_has_no_gap() throws SQLException {
    ObjectNode report = report();
    assertThat(report.path("gap").asLong()).isZero();
    assertThat(report.path("completeSince").isNull()).isTrue();
  }
}
