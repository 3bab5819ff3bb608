package io.crmwebhooks.pipeline;

import static io.crmwebhooks.database.Sql.sql;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.OwnDatabase;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The claims of a webhook that wants several events in one POST; members stay together. */
class BatchStatementsTest extends OwnDatabase {
  private static final String WEBHOOK = "00000000-0000-0000-0000-000000000001";

  private void webhook(int concurrency, int size, String more) throws SQLException {
    run(
        "INSERT INTO webhooks.subscription (id, target_url, concurrency, batch_size) VALUES ('%s', 'http://localhost/', %d, %d)",
        WEBHOOK, concurrency, size);
    run("UPDATE webhooks.subscription SET %s", more.isEmpty() ? "enabled = true" : more);
    run(
        "INSERT INTO webhooks.change (event, record_id, record) SELECT 'a.updated', n % 2, '{}' FROM generate_series(1, 20) n");
  }

  /** Pending deliveries of the changes with these ids. */
  private void pending(String changes, String columns, String values) throws SQLException {
    run(
        "INSERT INTO webhooks.delivery (change_id, subscription_id, state, record_key, %s) SELECT c.id, '%s', 'pending', webhooks.record_key('%2$s', c.object, c.record_id), %s FROM webhooks.change c WHERE c.id IN (%s)",
        columns, WEBHOOK, values, changes);
  }

  private List<ObjectNode> claim() throws SQLException {
    return claimDue("[]", 512);
  }

  private static List<Integer> changes(List<ObjectNode> rows) {
    return rows.stream().map(row -> row.path("change_id").asInt()).toList();
  }

  @Test
  void as_many_are_claimed_for_each_free_attempt_as_go_in_one_post() throws SQLException {
    webhook(2, 3, "");
    pending("SELECT generate_series(1, 10)", "due_at", "now() - interval '1 s' * (20 - c.id)");
    assertThat(changes(claim())).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void those_that_wait_are_claimed_when_enough_wait_or_one_is_due() throws SQLException {
    webhook(8, 4, "");
    pending("1, 2, 3", "due_at, waits", "now() + interval '1 min', true");
    assertThat(claim()).isEmpty();
    pending("4, 5", "due_at, waits", "now() + interval '2 min', true");
    assertThat(changes(claim())).containsExactly(1, 2, 3, 4);
    assertThat(claim()).as("one waits, the others are in flight").isEmpty();
    pending("6", "due_at", "now()");
    assertThat(changes(claim())).containsExactly(5, 6);
  }

  @Test
  void the_rate_limit_counts_posts() throws SQLException {
    webhook(8, 4, "rate_limit = 0.01");
    pending("SELECT generate_series(1, 8)", "due_at", "now() - interval '1 s' * (20 - c.id)");
    assertThat(changes(claim())).containsExactly(1, 2, 3, 4);
    assertThat(value("SELECT free_at - now() BETWEEN '99 s' AND '100 s' FROM webhooks.endpoint"))
        .isEqualTo("true");
    assertThat(claim()).isEmpty();
  }

  @Test
  void the_one_of_a_batch_that_is_due_brings_the_others() throws SQLException {
    webhook(1, 2, "");
    batch();
    pending("4", "due_at", "now()");
    List<ObjectNode> rows = claim();
    assertThat(changes(rows)).containsExactly(1, 2, 3);
    assertThat(rows).allMatch(row -> row.path("post_id").asText().equals("msg_b"));
    assertThat(changes(claim())).as("with one attempt each").containsExactly(4);
  }

  /** Three of one batch, the first of which is due. */
  private void batch() throws SQLException {
    pending(
        "1, 2, 3",
        "due_at, post_id, body",
        "CASE c.id WHEN 1 THEN now() - interval '1 s' ELSE 'infinity' END, 'msg_b', '{}'");
  }

  @Test
  void one_that_is_redelivered_leaves_its_batch_and_the_next_one_leads_it() throws SQLException {
    webhook(8, 2, "");
    batch();
    run("UPDATE webhooks.delivery SET due_at = '2100-01-01' WHERE change_id = 1");
    String id = value("SELECT id FROM webhooks.delivery WHERE change_id = 1");
    Map<String, Object> asked = new HashMap<>(Map.of("ids", "{" + id + "}", "lease", "60s"));
    asked.put("workspace", null);
    assertThat(sql.rows(sql("redeliver.sql"), asked)).hasSize(1);
    assertThat(changes(claim())).containsExactly(1);
    assertThat(
            value(
                "SELECT string_agg(concat(change_id, ' ', date_part('year', due_at)), ', ' ORDER BY change_id) FROM webhooks.delivery WHERE post_id = 'msg_b'"))
        .isEqualTo("2 2100, 3 Infinity");
  }

  @Test
  void a_batch_in_flight_is_not_redelivered() throws SQLException {
    webhook(8, 2, "");
    batch();
    assertThat(claim()).hasSize(3);
    String ids = value("SELECT array_agg(id) FROM webhooks.delivery");
    Map<String, Object> asked = new HashMap<>(Map.of("ids", ids, "lease", "60s"));
    asked.put("workspace", null);
    assertThat(sql.rows(sql("redeliver.sql"), asked)).isEmpty();
  }

  @Test
  void housekeeping_finds_a_batch_of_which_none_falls_due() throws SQLException {
    webhook(8, 2, "");
    batch();
    run(
        "ALTER TABLE webhooks.delivery DISABLE TRIGGER lead_post; DELETE FROM webhooks.delivery WHERE change_id = 1");
    assertThat(claim()).isEmpty();
    sql.rows(sql("wake-sleepers.sql"), Map.of());
    sql.rows(sql("wake-sleepers.sql"), Map.of());
    assertThat(changes(claim())).containsExactly(2, 3);
  }

  private List<Integer> keepOrder(List<ObjectNode> rows) throws SQLException {
    String claimed =
        rows.stream()
            .map(
                row ->
                    "{\"id\":\"%s\",\"probe\":false,\"post\":\"%s\"}"
                        .formatted(row.path("id").asText(), row.path("post_id").asText("")))
            .collect(Collectors.joining(",", "[", "]"));
    List<ObjectNode> judged =
        sql.rows(sql("keep-order.sql"), Map.of("claimed", claimed, "pollDelay", "100ms"));
    return judged.stream()
        .map(row -> Integer.parseInt(row.path("id").asText().substring(4, 20), 16))
        .sorted()
        .toList();
  }

  @Test
  void those_in_order_go_in_one_post_unless_an_earlier_one_is_in_none_of_it() throws SQLException {
    webhook(8, 4, "ordering = 'record'");
    pending("1, 2", "due_at", "'infinity'"); // an earlier one of each record
    run("UPDATE webhooks.delivery SET due_at = now() + interval '1 h' WHERE change_id = 1");
    run("UPDATE webhooks.delivery SET due_at = now() - interval '2 s' WHERE change_id = 2");
    pending("3, 4, 5, 6, 8", "due_at", "now() + interval '1 ms' * c.id - interval '1 s'");
    List<ObjectNode> rows = claim();
    assertThat(changes(rows)).as("one POST").containsExactly(2, 3, 4, 5);
    assertThat(keepOrder(rows)).as("3 and 5 wait for 1").containsExactly(2, 4);
    rows = claim();
    assertThat(changes(rows)).containsExactly(6, 8);
    assertThat(keepOrder(rows)).as("2 and 4 are on their way").isEmpty();
  }

  @Test
  void one_that_must_wait_leaves_its_batch_and_the_others_fall_due() throws SQLException {
    webhook(8, 4, "ordering = 'record'");
    pending("1", "due_at", "now() + interval '1 h'");
    pending(
        "2, 3, 4",
        "due_at, post_id, body",
        "CASE c.id WHEN 2 THEN now() - interval '1 s' ELSE 'infinity' END, 'msg_b', '{}'");
    assertThat(keepOrder(claim())).isEmpty();
    List<ObjectNode> rows = claim();
    assertThat(changes(rows)).as("without 3, which waits for 1").containsExactly(2, 4);
    assertThat(keepOrder(rows)).containsExactly(2, 4);
  }
}
