package io.crmwebhooks.pipeline;

import static io.crmwebhooks.database.Sql.sql;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.OwnDatabase;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rights of live processes that were taken for dead. */
class RecordStatementsTest extends OwnDatabase {
  private static final String WEBHOOK = "00000000-0000-0000-0000-000000000001";
  private static final String ID = "msg_0000000000000001" + WEBHOOK.replace("-", "");

  private void delivery(String state, int attempts) throws SQLException {
    run(
        "INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts, due_at, error) "
            + "SELECT 1, '%s', '%s', %d, CASE '%s' WHEN 'pending' THEN timestamptz '2030-01-01' END, 'so far'"
                .formatted(WEBHOOK, state, attempts, state));
  }

  private void record(String state, int attempt, String error) throws SQLException {
    sql.rows(
        sql("record-redeliveries.sql"),
        Map.of(
            "outcomes",
            "[{\"id\":\"%s\",\"state\":\"%s\",\"attempts\":%d,\"wait_ms\":%s,\"attempted_ms\":1,\"duration_ms\":1,\"error\":%s}]"
                .formatted(ID, state, attempt, state.equals("pending") ? "1" : "null", error)));
  }

  private String delivery() throws SQLException {
    return sql.rows(
            "SELECT concat_ws(' ', state, attempts, due_at > '2029-12-31', error, (SELECT count(*) FROM webhooks.attempt)) AS is FROM webhooks.delivery",
            Map.of())
        .get(0)
        .path("is")
        .asText();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "a failure is news | pending | 1 | pending | 2 | pending 2 f refused 1",
        "a failure before the last attempt changes nothing | pending | 3 | pending | 2 | pending 3 t so far 1",
        "a success before the last attempt ends it | pending | 3 | delivered | 2 | delivered 3 1",
        "one cancelled meanwhile stays so | cancelled | 0 | delivered | 1 | cancelled 1 so far 1",
      })
  void an_outcome_is_kept_and_changes_what_it_is_news_of(
      String what, String before, int attempts, String state, int attempt, String after)
      throws SQLException {
    delivery(before, attempts);
    record(state, attempt, state.equals("pending") ? "\"refused\"" : "null");
    assertThat(delivery()).isEqualTo(after);
  }

  @Test
  void the_body_of_the_first_attempt_that_failed_is_kept_and_no_later_one() throws SQLException {
    delivery("pending", 0);
    sql.rows(sql("record-redeliveries.sql"), Map.of("outcomes", failed(1, "first")));
    sql.rows(sql("record-redeliveries.sql"), Map.of("outcomes", failed(2, "second")));
    assertThat(sql.rows("SELECT body FROM webhooks.delivery", Map.of()).toString())
        .isEqualTo("[{\"body\":\"first\"}]");
  }

  private static String failed(int attempt, String body) {
    return "[{\"id\":\"%s\",\"state\":\"pending\",\"attempts\":%d,\"wait_ms\":1,\"attempted_ms\":1,\"duration_ms\":1,\"error\":\"x\",\"body\":\"%s\"}]"
        .formatted(ID, attempt, body);
  }

  @Test
  void nothing_is_written_of_a_delivery_that_does_not_exist() throws SQLException {
    record("delivered", 1, "null");
    assertThat(sql.rows("SELECT * FROM webhooks.attempt", Map.of())).isEmpty();
  }

  @Test
  void who_has_missed_beats_itself_takes_nobody_for_dead_until_it_has_beaten_as_long_again()
      throws SQLException {
    run(
        "INSERT INTO webhooks.node (id, seen_at) OVERRIDING SYSTEM VALUE VALUES (1, now() - interval '1 h'), (2, now() - interval '1 h')");
    run(
        "INSERT INTO webhooks.claim (node, lease_until, changes) VALUES (2, now() + interval '1 h', '{1}')");
    Map<String, String> beat = beat("{}");
    sql.rows(sql("beat.sql"), beat);
    sql.rows(sql("beat.sql"), beat);
    assertThat(sql.rows("SELECT id FROM webhooks.node", Map.of())).hasSize(2);
    run("UPDATE webhooks.node SET beating_since = now() - interval '6 s' WHERE id = 1");
    sql.rows(sql("beat.sql"), beat);
    assertThat(sql.rows("SELECT id FROM webhooks.node", Map.of())).hasSize(1);
    assertThat(sql.rows("SELECT change_id FROM webhooks.undispatched", Map.of()).toString())
        .isEqualTo("[{\"change_id\":1}]");
  }

  @Test
  void who_has_just_joined_takes_over_from_the_dead_at_once() throws SQLException {
    run(
        "INSERT INTO webhooks.node (id, seen_at) OVERRIDING SYSTEM VALUE VALUES (1, now()), (2, now() - interval '6 s')");
    sql.rows(sql("beat.sql"), beat("{}"));
    assertThat(sql.rows("SELECT id FROM webhooks.node", Map.of()).toString())
        .isEqualTo("[{\"id\":1}]");
  }

  private static Map<String, String> beat(String moving) {
    return Map.of(
        "node",
        "1",
        "heartbeat",
        "1s",
        "secretKeys",
        "{}",
        "moving",
        moving,
        "held",
        "{5}",
        "lease",
        "1h");
  }

  @Test
  void a_beat_renews_the_claims_that_move_and_says_which_are_lost() throws SQLException {
    run(
        "INSERT INTO webhooks.claim (id, node, lease_until, changes) VALUES (1, 1, now(), '{1}'), (2, 1, now(), '{2}'), (3, 2, now() + interval '1 h', '{3}'),"
            + " (5, 1, now() + interval '59 min', '{5}'), (6, 1, now() + interval '59 min', '{6}'), (7, 1, now() + interval '3599 s', '{7}')");
    assertThat(sql.rows(sql("beat.sql"), beat("{1,3,4}")).toString())
        .isEqualTo(
            "[{\"claim_id\":1,\"renewed\":true}, {\"claim_id\":3,\"renewed\":false}, {\"claim_id\":4,\"renewed\":false}]");
    assertThat(
            sql.rows(
                    "SELECT id FROM webhooks.claim WHERE lease_until > now() ORDER BY id", Map.of())
                .toString())
        .as("7 may be on its way to this process")
        .isEqualTo("[{\"id\":1}, {\"id\":3}, {\"id\":5}, {\"id\":7}]");
    assertThat(sql.rows("SELECT id FROM webhooks.change_queue ORDER BY id", Map.of()).toString())
        .as("the lease of 2 is over, and this process does not know of 6")
        .isEqualTo("[{\"id\":2}, {\"id\":6}]");
  }

  @Test
  void a_beat_frees_the_partitions_of_lost_claims_and_those_of_none() throws SQLException {
    run(
        "INSERT INTO webhooks.claim (id, node, lease_until, changes, in_order) VALUES (1, 1, now(), '{1}', true), (5, 1, now() + interval '1 h', '{5}', true)");
    run(
        "UPDATE webhooks.partition SET held = true, claim = CASE id WHEN 1 THEN 1 WHEN 2 THEN 99 ELSE 5 END WHERE id IN (1, 2, 5)");
    sql.rows(sql("beat.sql"), beat("{}"));
    assertThat(sql.rows("SELECT id FROM webhooks.partition WHERE held", Map.of()).toString())
        .isEqualTo("[{\"id\":5}]");
  }

  @Test
  void a_batch_that_has_lost_its_claim_writes_nothing() throws SQLException {
    String batch =
        """
        {"outcomes":[{"change_id":1,"subscription_id":"%s","state":"dead","attempts":1,"attempted_ms":1,"duration_ms":1,"error":"x"}],
         "parked":[{"change_id":2,"reason":"x"}],"dropped":[3],"returned":[4]}"""
            .formatted(WEBHOOK);
    Map<String, Object> record = record(batch, "");
    String written =
        "SELECT (SELECT count(*) FROM webhooks.delivery) + (SELECT count(*) FROM webhooks.attempt) + (SELECT count(*) FROM webhooks.parked_change) + (SELECT count(*) FROM webhooks.dropped_change) + (SELECT count(*) FROM webhooks.change_queue) AS rows";
    assertThat(sql.rows(sql("settle-batch.sql"), record)).isEmpty();
    assertThat(sql.rows(written, Map.of()).get(0).path("rows").asInt()).isZero();
    run(
        "INSERT INTO webhooks.claim (id, node, lease_until, changes) VALUES (1, 1, now(), '{1,2,3,4}')");
    assertThat(sql.rows(sql("settle-batch.sql"), record)).hasSize(1);
    assertThat(sql.rows(written, Map.of()).get(0).path("rows").asInt()).isEqualTo(5);
  }

  @Test
  void nothing_lasts_longer_than_it_may_after_the_clock_has_gone_back() throws SQLException {
    run(
        "INSERT INTO webhooks.subscription (id, target_url, rate_limit) VALUES ('%s', 'http://a', 1)"
            .formatted(WEBHOOK));
    run(
        "INSERT INTO webhooks.node (id, seen_at, beating_since) OVERRIDING SYSTEM VALUE VALUES (1, now() + interval '1 h', '-infinity'), (2, now() + interval '1 h', '-infinity')");
    run(
        "INSERT INTO webhooks.claim (node, lease_until, changes) VALUES (2, now() + interval '1 h', '{1}')");
    run(
        "UPDATE webhooks.endpoint SET free_at = now() + interval '1 h', paused_until = now() + interval '1 h', failing_since = now()");
    run(
        "INSERT INTO webhooks.replay (subscription_id, mode, since, until, first_id, last_id, position, due_at) VALUES ('%s', 'all', now(), now(), 0, 1, 0, now() + interval '1 h')"
            .formatted(WEBHOOK));
    run(
        "INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts, due_at) SELECT n, '%s', 'pending', n, now() + interval '1 h' FROM generate_series(0, 1) n"
            .formatted(WEBHOOK));
    String late =
        "SELECT (SELECT count(*) FROM webhooks.claim WHERE lease_until > now() + interval '1 min') AS claims,"
            + " (SELECT count(*) FROM webhooks.endpoint WHERE greatest(free_at, paused_until) > now() + interval '1 min') AS endpoints,"
            + " (SELECT count(*) FROM webhooks.replay WHERE due_at > now() + interval '1 min') AS replays,"
            + " (SELECT count(*) FROM webhooks.delivery WHERE due_at > now() + interval '1 min') AS deliveries";
    Map<String, String> beat =
        Map.of(
            "moving",
            "{}",
            "held",
            "{}",
            "node",
            "1",
            "heartbeat",
            "1s",
            "secretKeys",
            "{}",
            "lease",
            "1m",
            "deliveryLease",
            "1m",
            "longestPause",
            "1m");
    sql.rows(sql("heed-clock.sql"), beat);
    assertThat(sql.rows(late, Map.of()).toString())
        .as("one of the deliveries has a schedule")
        .isEqualTo("[{\"claims\":0,\"endpoints\":0,\"replays\":0,\"deliveries\":1}]");

    sql.rows(sql("beat.sql"), beat);
    assertThat(sql.rows("SELECT id FROM webhooks.node", Map.of())).hasSize(2);
    run("UPDATE webhooks.node SET beating_since = now() - interval '6 s' WHERE id = 1");
    sql.rows(sql("beat.sql"), beat);
    assertThat(sql.rows("SELECT id FROM webhooks.node", Map.of())).hasSize(1);

    run("UPDATE webhooks.delivery SET due_at = now() + interval '1 h'");
    sql.rows(sql("heed-clock.sql"), beat);
    assertThat(sql.rows(late, Map.of()).toString()).contains("\"deliveries\":2");
  }

  @Test
  void a_change_that_is_recorded_alone_leaves_its_claim_to_the_others() throws SQLException {
    run(
        "INSERT INTO webhooks.claim (id, node, lease_until, changes) VALUES (1, 2, now(), '{1,2,3}')");
    String batch = "{\"outcomes\":[],\"parked\":[],\"dropped\":[2],\"returned\":[]}";
    String claim = "SELECT changes::text FROM webhooks.claim";
    assertThat(sql.rows(sql("settle-batch.sql"), record(batch, "2"))).hasSize(1);
    assertThat(sql.rows(claim, Map.of()).toString()).isEqualTo("[{\"changes\":\"{1,3}\"}]");
    assertThat(sql.rows(sql("settle-batch.sql"), record(batch, ""))).hasSize(1);
    assertThat(sql.rows(claim, Map.of())).isEmpty();
    assertThat(sql.rows(sql("settle-batch.sql"), record(batch, "2"))).isEmpty();
  }

  private static Map<String, Object> record(String batch, String only) {
    return Map.of("batch", batch, "claim", 1, "only", only);
  }

  private void aPendingOneIsNoOrphan() throws SQLException {
    delivery("pending", 1);
    sql.rows(sql("cancel-orphans.sql"), Map.of("chunk", 10));
    assertThat(delivery()).startsWith("pending 1");
  }

  @Test
  void what_is_recorded_when_its_webhook_is_gone_for_good_is_cancelled() throws SQLException {
    run(
        "INSERT INTO webhooks.subscription (id, target_url) VALUES ('%s', 'http://localhost/')"
            .formatted(WEBHOOK));
    aPendingOneIsNoOrphan();
    run("ALTER TABLE webhooks.subscription DISABLE TRIGGER cancel_pending_deliveries");
    run("DELETE FROM webhooks.subscription");
    sql.rows(sql("cancel-orphans.sql"), Map.of("chunk", 10));
    assertThat(delivery()).isEqualTo("cancelled 1 the webhook was deleted 0");
  }

  @Test
  void what_is_recorded_after_a_410_is_cancelled_by_its_cause_whatever_the_words()
      throws SQLException {
    run(
        "INSERT INTO webhooks.subscription (id, target_url, enabled, disabled_reason) VALUES ('%s', 'http://localhost/', false, 'HTTP 410 is in the log')"
            .formatted(WEBHOOK));
    aPendingOneIsNoOrphan();
    run("UPDATE webhooks.subscription SET disabled_cause = 'gone', disabled_reason = 'it is gone'");
    sql.rows(sql("cancel-orphans.sql"), Map.of("chunk", 10));
    assertThat(delivery()).isEqualTo("cancelled 1 it is gone 0");
    run("UPDATE webhooks.subscription SET enabled = true");
    assertThat(sql.rows("SELECT disabled_cause FROM webhooks.subscription", Map.of()))
        .allMatch(row -> row.path("disabled_cause").isNull());
  }
}
