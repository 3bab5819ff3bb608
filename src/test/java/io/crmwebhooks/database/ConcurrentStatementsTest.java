package io.crmwebhooks.database;

import static io.crmwebhooks.database.Sql.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crmwebhooks.OwnDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Statements beside a transaction that is still open. */
class ConcurrentStatementsTest extends OwnDatabase {
  private static final String WEBHOOK = "00000000-0000-0000-0000-000000000001";

  @Test
  void an_outcome_is_not_lost_where_somebody_else_is_writing_the_delivery() throws Exception {
    run(
        "INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at) VALUES (1, '%s', 'pending', now())"
            .formatted(WEBHOOK));
    String outcome =
        "[{\"id\":\"%s\",\"state\":\"delivered\",\"attempts\":1,\"attempted_ms\":1,\"duration_ms\":1,\"status\":200}]"
            .formatted(value("SELECT id FROM webhooks.delivery"));
    try (Connection other = database.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other
          .createStatement()
          .execute("UPDATE webhooks.delivery SET due_at = now() + interval '1 min'");
      CompletableFuture<Integer> missed = CompletableFuture.supplyAsync(() -> missed(outcome));
      await()
          .until(
              () ->
                  value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                      .equals("1"));
      other.commit();
      assertThat(missed.join()).isEqualTo(1);
    }
    assertThat(missed(outcome)).isZero();
    assertThat(value("SELECT state || ' ' || attempts FROM webhooks.delivery"))
        .isEqualTo("delivered 1");
    assertThat(missed(outcome)).isZero();
  }

  private int missed(String outcomes) {
    try {
      return sql.rows(sql("record-redeliveries.sql"), Map.of("outcomes", outcomes))
          .get(0)
          .path("missed")
          .asInt();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void times_are_noted_only_of_what_no_open_transaction_may_still_bring() throws Exception {
    try (Connection other = database.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other
          .createStatement()
          .execute(
              "INSERT INTO webhooks.change (event, record) SELECT 'late.created', '{}' FROM generate_series(1, 3000)");
      run(
          "INSERT INTO webhooks.change (event, record) SELECT 'soon.created', '{}' FROM generate_series(1, 3000)");
      noteTimes(6);
      assertThat(value("SELECT count(*) FROM webhooks.change_block")).isEqualTo("0");
      other.commit();
    }
    noteTimes(4);
    assertThat(
            value(
                "SELECT count(*) FROM webhooks.change_block WHERE latest > now() - interval '1 h'"))
        .isEqualTo("5");
  }

  @Test
  void a_database_that_was_restored_elsewhere_has_its_times_noted_as_well() throws Exception {
    run(
        "INSERT INTO webhooks.change (event, record) SELECT 'old.created', '{}' FROM generate_series(1, 3000)");
    run("UPDATE webhooks.settled_log SET transactions = '9999999999'");
    noteTimes(4);
    assertThat(value("SELECT count(*) FROM webhooks.change_block")).isEqualTo("2");
  }

  private void noteTimes(int times) throws SQLException {
    for (int i = 0; i < times; i++) {
      run(sql("note-times.sql"));
    }
  }

  @Test
  void deleting_a_webhook_cancels_few_deliveries_at_once_and_housekeeping_the_rest()
      throws Exception {
    run(
        "INSERT INTO webhooks.subscription (id, target_url, operations) VALUES ('%s', 'http://localhost', '{*.*}')"
            .formatted(WEBHOOK));
    run(
        "INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at) SELECT n, '%s', 'pending', now() FROM generate_series(1, 2500) n"
            .formatted(WEBHOOK));
    String cancelled =
        "SELECT count(*) FROM webhooks.delivery WHERE state = 'cancelled' AND error = 'the webhook was deleted'";
    Map<String, Object> removal = new HashMap<>(Map.of("id", UUID.fromString(WEBHOOK)));
    removal.put("workspace", null);
    removal.put("version", null);
    sql.rows(sql("remove-webhook.sql"), removal);
    assertThat(value(cancelled)).isEqualTo("1000");
    for (String so : List.of("1700", "2400", "2500", "2500")) {
      sql.rows(sql("cancel-orphans.sql"), Map.of("chunk", 700));
      assertThat(value(cancelled)).isEqualTo(so);
    }
  }
}
