package io.crmwebhooks.pipeline;

import static io.crmwebhooks.database.Sql.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.OwnDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** A claim takes some of the partitions, and leaves the others. */
class TakeBatchTest extends OwnDatabase {
  private static final String ORDERED =
      "INSERT INTO webhooks.subscription (target_url, ordering) VALUES ('http://localhost/', 'record')";

  private void change(String record) throws SQLException {
    run(
        "INSERT INTO webhooks.change (event, record_id, record) VALUES ('a.updated', '%s', '{}')",
        record);
  }

  private record Taken(long claim, List<Long> changes) {}

  private Taken take(String statement, int most) {
    Map<String, Object> values =
        Map.of(
            "batchSize",
            most,
            "batchBytes",
            4_000_000,
            "recordBytes",
            100,
            "node",
            1,
            "lease",
            "60s",
            "inOrder",
            false);
    try {
      List<? extends JsonNode> rows =
          StreamSupport.stream(sql.rows(statement, values).spliterator(), false).toList();
      return new Taken(
          rows.isEmpty() ? 0 : rows.get(0).path("claim_id").asLong(),
          rows.stream().map(row -> row.path("change_id").asLong()).toList());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Taken take(int most) {
    return take(sql("take-batch.sql"), most);
  }

  private void settle(Taken taken, List<Long> returned) throws SQLException {
    Map<String, Object> values = new HashMap<>(Map.of("claim", taken.claim(), "only", ""));
    values.put(
        "batch",
        "{\"outcomes\":[],\"parked\":[],\"dropped\":[],\"returned\":%s}".formatted(returned));
    assertThat(sql.rows(sql("settle-batch.sql"), values)).hasSize(1);
  }

  @Test
  void while_an_order_is_kept_a_record_is_in_one_batch_at_a_time_and_others_are_free()
      throws SQLException {
    run(ORDERED);
    change("x");
    Taken first = take(10);
    change("x");
    change("other");
    assertThat(first.changes()).containsExactly(1L);
    assertThat(take(10).changes()).containsExactly(3L);
    settle(first, List.of());
    Taken second = take(10);
    assertThat(second.changes()).containsExactly(2L);
    settle(second, List.of(2L));
    assertThat(take(10).changes()).as("what was given back").containsExactly(2L);
  }

  @Test
  void without_an_order_nothing_is_held() throws SQLException {
    change("x");
    assertThat(take(10).changes()).containsExactly(1L);
    change("x");
    assertThat(take(10).changes()).containsExactly(2L);
    assertThat(sql.rows("SELECT FROM webhooks.partition WHERE held", Map.of())).isEmpty();
  }

  @Test
  void a_change_that_was_not_forwarded_is_queued_again_and_its_claim_goes_on_without_it()
      throws SQLException {
    run(ORDERED);
    change("x");
    change("x");
    change("other");
    Taken taken = take(10);
    Map<String, Object> values =
        Map.of("claim", taken.claim(), "offsets", "{}", "topic", "t", "unsent", "{2,3}");
    assertThat(sql.rows(sql("forward-batch.sql"), values)).hasSize(1);
    assertThat(sql.rows("SELECT FROM webhooks.claim WHERE changes = '{1}'", Map.of())).hasSize(1);
    assertThat(take(10).changes()).containsExactly(2L, 3L);
  }

  @Test
  void claims_from_before_an_order_was_asked_for_are_waited_for() throws SQLException {
    change("x");
    Taken before = take(10);
    run(ORDERED);
    change("x");
    change("other");
    assertThat(take(10).changes()).isEmpty();
    settle(before, List.of());
    assertThat(take(10).changes()).containsExactly(2L, 3L);
    run("UPDATE webhooks.subscription SET enabled = false");
    change("x");
    assertThat(take(10).changes()).as("nobody is served in order any more").containsExactly(4L);
  }

  @Test
  void partitions_are_free_before_the_end_of_a_claim_that_frees_them() throws SQLException {
    run(ORDERED);
    change("x");
    Taken first = take(10);
    change("x");
    sql.rows(sql("free-partitions.sql"), Map.of("claim", first.claim()));
    Taken second = take(10);
    assertThat(second.changes()).containsExactly(2L);
    change("x");
    settle(first, List.of());
    assertThat(take(10).changes()).as("the second one holds it still").isEmpty();
  }

  @Test
  void what_was_taken_and_given_back_since_the_snapshot_is_not_overtaken() throws Exception {
    run(ORDERED);
    change("x");
    change("x");
    String paused =
        sql("take-batch.sql")
            .replace(
                "FROM webhooks.subscription_revision\n",
                "FROM webhooks.subscription_revision, (SELECT pg_advisory_xact_lock(7)) AS pause\n");
    assertThat(paused).contains("pause");
    CompletableFuture<Taken> later;
    try (Connection lock = database.dataSource().getConnection()) {
      lock.setAutoCommit(false);
      lock.createStatement().execute("SELECT pg_advisory_xact_lock(7)");
      later = CompletableFuture.supplyAsync(() -> take(paused, 10));
      await()
          .until(
              () ->
                  !sql.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'", Map.of())
                      .isEmpty());
      settle(take(1), List.of(1L));
      lock.rollback();
    }
    assertThat(later.join().changes()).isEmpty();
    assertThat(take(10).changes()).containsExactly(1L, 2L);
  }

  @Test
  void of_a_long_queue_it_leaves_partitions_to_others_while_an_order_is_kept() throws SQLException {
    run(
        "INSERT INTO webhooks.change (event, record_id, record) SELECT 'a.updated', n % 100, '{}' FROM generate_series(1, 2000) n");
    run(ORDERED);
    assertThat(take(40).changes()).hasSize(40).contains(1L);
    assertThat(sql.rows("SELECT FROM webhooks.partition WHERE held", Map.of()))
        .hasSizeBetween(8, 16);
    for (int i = 0; i < 8; i++) {
      assertThat(take(40).changes()).isNotEmpty();
    }
  }

  @Test
  void an_id_is_enough_to_queue_a_change_in_the_partition_of_its_record() throws SQLException {
    run(
        "INSERT INTO webhooks.change (event, record_id, record) SELECT 'a.updated', n, '{}' FROM generate_series(1, 20) n");
    String queued = "SELECT id, bytes, partition FROM webhooks.change_queue ORDER BY id";
    String before = sql.rows(queued, Map.of()).toString();
    run("DELETE FROM webhooks.change_queue");
    run("INSERT INTO webhooks.change_queue (id) SELECT id FROM webhooks.change");
    assertThat(sql.rows(queued, Map.of()).toString()).isEqualTo(before);
    run("INSERT INTO webhooks.change_queue (id) VALUES (77)"); // which is in no table
  }

  @Test
  void of_one_long_partition_it_takes_a_whole_batch() throws SQLException {
    run(
        "INSERT INTO webhooks.change (event, record_id, record) SELECT 'a.updated', 'x', '{}' FROM generate_series(1, 50)");
    assertThat(take(40).changes()).hasSize(40).startsWith(1L, 2L, 3L).isSorted();
  }
}
