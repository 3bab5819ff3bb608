package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Reconciliation;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleConsumer;
import org.junit.jupiter.api.Test;

/** Reconcile and replays over a database and a topic that together hold the deliveries. */
class KafkaAccountsTest extends KafkaOperations {
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
