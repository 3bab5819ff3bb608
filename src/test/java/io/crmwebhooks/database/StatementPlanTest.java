package io.crmwebhooks.database;

import static io.crmwebhooks.database.PreparedStatements.BATCH;
import static io.crmwebhooks.database.PreparedStatements.CLAIM;
import static io.crmwebhooks.database.PreparedStatements.OTHER;
import static io.crmwebhooks.database.PreparedStatements.call;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The statements of the pipeline are prepared when the tables are empty, and that plan may be kept.
 * It must serve full tables as well: what a statement touches follows from the batch, not from how
 * much has been delivered, is dead, or waits.
 */
class StatementPlanTest extends FullTables {
  private static final int MANY = 10_000;

  // Indexes are a level deeper with many, and dead entries come and go with PostgreSQL's vacuum.
  private static final int TIMES = 3;

  @ParameterizedTest
  @ValueSource(strings = {"take-batch", "claim-due"})
  void a_claim_costs_the_same_beside_many_that_wait_are_delivered_or_dead(String name)
      throws SQLException, IOException {
    fill(BATCH, 10, 0);
    long few = pages(name);
    execute("TRUNCATE webhooks.change, webhooks.change_queue, webhooks.delivery, webhooks.claim");
    fill(MANY, 1000, MANY);
    assertThat(pages(name)).isLessThan(TIMES * few);
  }

  @Test
  void a_claim_in_order_costs_the_same_beside_many_changes_of_partitions_that_are_held()
      throws SQLException, IOException {
    orderedWebhook();
    execute(CHANGES.formatted("'free' || n", BATCH));
    long few = pages("take-batch");
    execute("TRUNCATE webhooks.change, webhooks.change_queue, webhooks.claim");
    execute(CHANGES.formatted("'held'", MANY));
    assertThat(pages("take-batch")).isPositive(); // holds the partition of that record
    execute(CHANGES.formatted("'free' || n", BATCH));
    assertThat(pages("take-batch")).isLessThan(2 * few);
  }

  @ParameterizedTest
  @ValueSource(strings = {"now(), now()", "NULL, NULL"})
  void a_claim_for_a_webhook_that_must_wait_costs_the_same_beside_many_deliveries(String endpoint)
      throws SQLException, IOException {
    fill(BATCH, 1000, 0);
    limit(endpoint);
    long few = pages("claim-due");
    execute("TRUNCATE webhooks.change, webhooks.delivery, webhooks.endpoint");
    fill(MANY, 1000, MANY);
    limit(endpoint);
    assertThat(pages("claim-due")).isLessThan(TIMES * few + 60).isLessThan(20_000);
  }

  @Test
  void a_claim_for_posts_of_many_costs_the_same_beside_many_that_wait_or_go_together()
      throws SQLException, IOException {
    fill(BATCH, 10, 0);
    putTogether();
    long few = pages("claim-due");
    execute("TRUNCATE webhooks.change, webhooks.delivery");
    fill(MANY, 10, MANY);
    putTogether();
    assertThat(pages("claim-due")).isLessThan(TIMES * few);
  }

  /** Of what is pending some is due, some waits for more, and some is in a POST that failed. */
  private void putTogether() throws SQLException {
    execute(
        """
        UPDATE webhooks.subscription SET batch_size = 50 WHERE id IN (SELECT subscription_id FROM webhooks.delivery);
        UPDATE webhooks.delivery SET waits = true WHERE state = 'pending' AND change_id > 500 AND change_id %% 2 = 0;
        UPDATE webhooks.delivery
        SET post_id = 'msg_' || change_id / 150, due_at = CASE WHEN change_id %% 150 < 3 THEN due_at ELSE 'infinity' END
        WHERE state = 'pending' AND change_id %% 2 = 1"""
            .formatted());
  }

  /** The webhook that has deliveries; all others are paused. */
  private void limit(String endpoint) throws SQLException {
    execute(
        """
        WITH first AS (SELECT min(id::text)::uuid AS id FROM webhooks.subscription),
        limited AS (UPDATE webhooks.subscription s SET rate_limit = 10 FROM first WHERE s.id = first.id)
        INSERT INTO webhooks.endpoint (subscription_id, failing_since, paused_until, free_at)
        SELECT id, %s, now() FROM first
        UNION ALL
        SELECT s.id, now(), now() + interval '1 hour', NULL FROM webhooks.subscription s, first WHERE s.id <> first.id"""
            .formatted(endpoint));
  }

  @ParameterizedTest
  @ValueSource(strings = {"settle-batch", "record-redeliveries"})
  void a_record_of_outcomes_costs_the_same_beside_many_that_are_delivered(String name)
      throws SQLException, IOException {
    fill(1, 1, 0);
    execute(CLAIM);
    long few = pages(name);
    fill(MANY, 1, MANY);
    execute(CLAIM);
    assertThat(pages(name)).isLessThan(TIMES * few + 20);
    assertThat(value("SELECT count(*) FROM webhooks.claim"))
        .isEqualTo(name.equals("settle-batch") ? "0" : "1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim-replay", "replay-chunk"})
  void a_step_of_a_replay_costs_the_same_beside_many_changes_and_pending_deliveries(String name)
      throws SQLException, IOException {
    fill(3 * BATCH, 10, 0);
    startReplay();
    long few = pages(name);
    execute("TRUNCATE webhooks.change, webhooks.change_queue, webhooks.delivery, webhooks.replay");
    fill(MANY, 1000, MANY);
    startReplay();
    assertThat(pages(name)).isLessThan(TIMES * few + 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim-due", "keep-order", "find-waiting", "supersede"})
  void order_costs_the_same_beside_many_that_wait_for_their_records(String name)
      throws SQLException, IOException {
    orderedWebhook();
    waitForTheirRecords(10);
    long few = orderedPages(name);
    waitForTheirRecords(MANY);
    assertThat(orderedPages(name)).isLessThan(TIMES * few);
  }

  /** Those that were due are claimed before they are judged. */
  private long orderedPages(String name) throws SQLException, IOException {
    if (!name.equals("keep-order")) {
      return pages(name);
    }
    String claimed =
        value(
            "WITH claimed AS (UPDATE webhooks.delivery SET due_at = now() + interval '1 min' WHERE due_at <= now() RETURNING id)"
                + " SELECT jsonb_agg(jsonb_build_object('id', id, 'probe', false)) FROM claimed");
    return pagesOf("EXECUTE keep_order ('%s', '100ms')".formatted(claimed));
  }

  @Test
  void those_without_a_reason_to_sleep_are_looked_for_in_two_thousand_records_at_most()
      throws SQLException, IOException {
    orderedWebhook();
    owe("s", MANY, "now() + interval '10 s'");
    owe("s", 2000, "'infinity'");
    long few = pages("wake-sleepers");
    owe("s", MANY, "'infinity'");
    assertThat(pages("wake-sleepers")).isLessThan(TIMES * few);
  }

  @Test
  void the_end_of_a_delivery_looks_at_those_of_its_record_only() throws SQLException {
    orderedWebhook();
    long few = readAtTheEndOfADelivery(10);
    assertThat(readAtTheEndOfADelivery(MANY)).isLessThan(few + 10);
  }

  private long readAtTheEndOfADelivery(int pending) throws SQLException {
    owe("e" + pending + "-", pending, "now()");
    String id = first();
    connection.setAutoCommit(false);
    try {
      long before = read();
      execute(END.formatted(id));
      return read() - before;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** The rows of delivery that this session has read by an index. */
  private long read() throws SQLException {
    return Long.parseLong(
        value(
            "SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relid = 'webhooks.delivery'::regclass"));
  }

  @Test
  void a_chunk_of_old_changes_is_removed_with_a_few_looks_at_each()
      throws SQLException, IOException {
    fill(MANY, 1, 0);
    execute("DELETE FROM webhooks.change_queue");
    execute("DELETE FROM webhooks.delivery");
    execute(
        "INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts)"
            + " SELECT c.id, s.id, 'delivered', 1 FROM webhooks.change c, webhooks.subscription s");
    execute(
        "INSERT INTO webhooks.log_mark (noted_at, last_id, settled_id) VALUES (now() - interval '1 h', 1000000, 1000000)");
    assertThat(rows(plan(call("purge-old")))).isBetween(2L * BATCH, 40L * BATCH);
  }

  /** The rows that a plan and its parts have looked at. */
  private static long rows(JsonNode plan) {
    long each =
        plan.path("Actual Rows").asLong()
            + plan.path("Rows Removed by Filter").asLong()
            + plan.path("Rows Removed by Join Filter").asLong();
    long rows = each * plan.path("Actual Loops").asLong();
    for (JsonNode part : plan.path("Plans")) {
      rows += rows(part);
    }
    return rows;
  }

  @Test
  void what_waits_for_webhooks_that_are_gone_is_found_without_a_look_at_what_waits_for_others()
      throws SQLException, IOException {
    orderedWebhook();
    owe("s", 100, "now() + interval '1 h'");
    long few = pages("cancel-orphans");
    owe("s", MANY, "now() + interval '1 h'");
    execute(
        "UPDATE webhooks.delivery SET state = 'dead', due_at = NULL, error = 'oh' WHERE change_id % 2 = 0");
    assertThat(pages("cancel-orphans")).isLessThan(TIMES * few + 20);
  }

  @Test
  void what_is_done_now_and_then_costs_the_same_beside_many_deliveries_of_others()
      throws SQLException, IOException {
    orderedWebhook();
    Map<String, Long> few = pagesBeside(10);
    pagesBeside(MANY)
        .forEach(
            (name, pages) -> assertThat(pages).as(name).isLessThan(TIMES * few.get(name) + 20));
  }

  /** Each is undone, so that the next finds the same. */
  private Map<String, Long> pagesBeside(int many) throws SQLException, IOException {
    waitForTheirRecords(many);
    execute(OF_OTHERS.formatted(OTHER));
    startReplay();
    execute("UPDATE webhooks.replay SET position = 0");
    Map<String, Long> pages = new LinkedHashMap<>();
    connection.setAutoCommit(false);
    for (String name : PreparedStatements.NOW_AND_THEN) {
      pages.put(name, pages(name));
      connection.rollback();
    }
    connection.setAutoCommit(true);
    execute("DELETE FROM webhooks.subscription WHERE id = '%s'".formatted(OTHER));
    execute("TRUNCATE webhooks.replay, webhooks.parked_change");
    return pages;
  }

  /**
   * A webhook with some deliveries that a replay has made pending, a parked change, ended
   * deliveries.
   */
  private static final String OF_OTHERS =
      """
      INSERT INTO webhooks.delivery (change_id, subscription_id, state)
      SELECT id, gen_random_uuid(), CASE id %% 2 WHEN 0 THEN 'dead' ELSE 'delivered' END FROM webhooks.change;
      INSERT INTO webhooks.subscription (id, target_url) VALUES ('%1$s', 'http://localhost/');
      INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at, replayed_by)
      SELECT id, '%1$s', 'pending', now() + interval '1 h', 1 FROM webhooks.change ORDER BY id DESC LIMIT 10;
      INSERT INTO webhooks.parked_change (change_id, reason) SELECT max(id), 'r' FROM webhooks.change""";
}
