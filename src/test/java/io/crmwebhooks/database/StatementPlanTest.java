package io.crmwebhooks.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The statements of the pipeline are prepared when the tables are empty, and that plan may be kept.
 * It must serve full tables as well: what a statement touches follows from the batch, not from how
 * much has been delivered, is dead, or waits.
 */
class StatementPlanTest {
  private static final int BATCH = 500;
  private static final int MANY = 30_000;

  private final TestDatabase database = TestDatabase.create();
  private Connection connection;

  @BeforeEach
  void prepareOnEmptyTables() throws SQLException, IOException {
    connection = database.dataSource().getConnection();
    execute("SET plan_cache_mode = force_generic_plan");
    for (String name : Parameters.OF.keySet()) {
      execute("PREPARE %s AS %s".formatted(prepared(name), sql(name)));
      execute(call(name)); // makes the plan that is kept
    }
    execute("DELETE FROM webhooks.claim");
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim-changes", "claim-due"})
  void a_claim_costs_the_same_beside_many_that_wait_are_delivered_or_dead(String name)
      throws SQLException, IOException {
    fill(BATCH, 10, 0);
    long few = pages(name);
    execute("TRUNCATE webhooks.change, webhooks.change_queue, webhooks.delivery, webhooks.claim");
    fill(MANY, 1000, MANY);
    assertThat(pages(name)).isLessThan(3 * few);
  }

  @Test
  void a_claim_that_probes_a_paused_endpoint_costs_the_same_beside_many_that_wait()
      throws SQLException, IOException {
    fill(BATCH, 1000, 0);
    pause();
    long few = pages("claim-due");
    execute("TRUNCATE webhooks.change, webhooks.delivery, webhooks.endpoint");
    fill(MANY, 1000, MANY);
    pause();
    assertThat(pages("claim-due")).isLessThan(2 * few + 60);
  }

  /** The webhook that has deliveries, until just now. */
  private void pause() throws SQLException {
    execute(
        """
        INSERT INTO webhooks.endpoint (subscription_id, failing_since, paused_until)
        SELECT min(id::text)::uuid, now(), now() FROM webhooks.subscription""");
  }

  @Test
  void the_record_of_a_batch_costs_the_same_beside_many_that_are_delivered()
      throws SQLException, IOException {
    fill(1, 1, 0);
    long few = pages("record-batch");
    fill(MANY, 1, MANY);
    assertThat(pages("record-batch")).isLessThan(2 * few + 20);
  }

  @Test
  void outcomes_of_redeliveries_cost_the_same_beside_many_that_are_delivered()
      throws SQLException, IOException {
    fill(1, 1, 0);
    long few = pages("record-redeliveries");
    fill(MANY, 1, MANY);
    assertThat(pages("record-redeliveries")).isLessThan(2 * few + 20);
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
    assertThat(pages(name)).isLessThan(2 * few + 20);
  }

  /** To the last webhook, which has no deliveries, of changes that are dispatched; as id 1. */
  private void startReplay() throws SQLException {
    execute("TRUNCATE webhooks.change_queue");
    execute(
        """
        INSERT INTO webhooks.replay (id, subscription_id, mode, since, until, first_id, last_id, position)
        OVERRIDING SYSTEM VALUE
        SELECT 1, (SELECT max(id::text)::uuid FROM webhooks.subscription), 'missing', '-infinity', 'infinity',
          min(id) - 1, max(id), min(id) - 1
        FROM webhooks.change""");
  }

  /** Queued changes, webhooks, and for the first webhook: ended, dead and pending deliveries. */
  private void fill(int changes, int webhooks, int ended) throws SQLException {
    execute("DELETE FROM webhooks.subscription");
    execute(
        "INSERT INTO webhooks.subscription (target_url) SELECT 'http://localhost/' || n FROM generate_series(1, %d) n"
            .formatted(webhooks));
    execute(
        """
        INSERT INTO webhooks.change (event, record_id, record)
        SELECT 'person.created', n, '{}' FROM generate_series(1, %d) n"""
            .formatted(changes));
    execute(
        """
        INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at)
        SELECT n, (SELECT min(id::text)::uuid FROM webhooks.subscription),
          CASE n %% 3 WHEN 0 THEN 'delivered' WHEN 1 THEN 'dead' ELSE 'pending' END,
          CASE n %% 3 WHEN 2 THEN now() + (n - %d) * interval '1 s' END
        FROM generate_series(1, %d) n ON CONFLICT DO NOTHING"""
            .formatted(BATCH, Math.max(ended, 3 * BATCH)));
  }

  /** The pages that a run of the statement touches. */
  private long pages(String name) throws SQLException, IOException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + call(name))) {
      row.next();
      JsonNode plan = new ObjectMapper().readTree(row.getString(1)).get(0).get("Plan");
      return plan.get("Shared Hit Blocks").asLong() + plan.get("Shared Read Blocks").asLong();
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static String prepared(String name) {
    return name.replace('-', '_');
  }

  static String sql(String name) throws IOException {
    String sql = Files.readString(Path.of("src/main/resources/sql", name + ".sql"));
    int number = 0;
    for (String parameter : Parameters.OF.get(name).keySet()) {
      sql = sql.replaceAll(":\\?" + parameter + "\\b", "\\$" + ++number);
    }
    return sql;
  }

  static String call(String name) {
    return Parameters.OF.get(name).values().stream()
        .map(value -> "'" + value + "'")
        .collect(Collectors.joining(", ", "EXECUTE " + prepared(name) + " (", ")"));
  }

  /** What the routes would pass. */
  static final class Parameters {
    private static final String WEBHOOK = "00000000-0000-0000-0000-000000000001";

    static final Map<String, Map<String, String>> OF =
        Map.of(
            "claim-changes",
            ordered(
                "batchSize",
                BATCH,
                "batchBytes",
                8_000_000,
                "node",
                1,
                "lease",
                "60s",
                "recordBytes",
                5_000_000),
            "claim-due",
            ordered(
                "busy",
                "[]",
                "concurrency",
                BATCH,
                "room",
                BATCH,
                "lease",
                "60s",
                "batchBytes",
                8_000_000),
            "record-batch",
            ordered(
                "batch",
                "{\"returned\":[1],\"parked\":[{\"change_id\":2,\"reason\":\"r\"}],\"outcomes\":["
                    + outcome("\"state\":\"delivered\"")
                    + "]}",
                "claim",
                1),
            "claim-replay",
            ordered("lease", "60s", "concurrency", 32),
            "replay-chunk",
            ordered(
                "replay",
                1,
                "position",
                0,
                "room",
                16,
                "batchBytes",
                8_000_000,
                "recordBytes",
                5_000_000),
            "record-redeliveries",
            ordered(
                "outcomes",
                "["
                    + outcome(
                        "\"id\":\"msg_0000000000000001"
                            + "0".repeat(32)
                            + "\",\"state\":\"delivered\"")
                    + "]"));

    private static String outcome(String state) {
      return "{\"change_id\":1,\"subscription_id\":\"%s\",\"attempts\":1,\"attempted_ms\":1,\"duration_ms\":1,%s}"
          .formatted(WEBHOOK, state);
    }

    private static Map<String, String> ordered(Object... pairs) {
      Map<String, String> map = new LinkedHashMap<>();
      for (int i = 0; i < pairs.length; i += 2) {
        map.put((String) pairs[i], pairs[i + 1].toString());
      }
      return map;
    }
  }
}
