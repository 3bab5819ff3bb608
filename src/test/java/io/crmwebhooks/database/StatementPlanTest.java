package io.crmwebhooks.database;

import static java.util.Map.entry;
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
import java.util.List;
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
  /** A batch that has lost its claim writes nothing. */
  static final String CLAIM =
      "INSERT INTO webhooks.claim (id, node, lease_until, changes) VALUES (1, 1, now() + interval '1 h', '{1}') ON CONFLICT DO NOTHING";

  private static final int BATCH = 500;
  private static final int MANY = 10_000;

  // Indexes are a level deeper with many, and dead entries come and go with PostgreSQL's vacuum.
  private static final int TIMES = 3;

  private final TestDatabase database = TestDatabase.create();
  private Connection connection;

  @BeforeEach
  void prepare() throws SQLException, IOException {
    connection = database.dataSource().getConnection();
    fillBefore(connection);
    execute("SET plan_cache_mode = force_generic_plan");
    for (String name : Parameters.OF.keySet()) {
      if (!Parameters.OF.get(name).isEmpty()) { // else it is planned anew each time
        execute("PREPARE %s AS %s".formatted(prepared(name), sql(name)));
      }
      execute(call(name)); // makes the plan that is kept
    }
    owe("first", 1, "now()");
    execute(END.formatted(first())); // likewise of the trigger
    execute("DELETE FROM webhooks.delivery WHERE record_key IS NOT NULL");
    execute("DELETE FROM webhooks.change WHERE record_id = 'first1'");
    execute("DELETE FROM webhooks.claim");
  }

  /** The tables as they are when the plans are made: empty. */
  void fillBefore(Connection connection) throws SQLException {}

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

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

  private static final String END =
      "UPDATE webhooks.delivery SET state = 'delivered', due_at = NULL WHERE id = '%s'";

  /** The id of the first delivery of a record. */
  private String first() throws SQLException {
    return value("SELECT min(id) FROM webhooks.delivery WHERE record_key IS NOT NULL");
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
    execute(OF_OTHERS.formatted(Parameters.OTHER));
    startReplay();
    execute("UPDATE webhooks.replay SET position = 0");
    Map<String, Long> pages = new LinkedHashMap<>();
    connection.setAutoCommit(false);
    for (String name : Parameters.NOW_AND_THEN) {
      pages.put(name, pages(name));
      connection.rollback();
    }
    connection.setAutoCommit(true);
    execute("DELETE FROM webhooks.subscription WHERE id = '%s'".formatted(Parameters.OTHER));
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

  private static final String CHANGES =
      "INSERT INTO webhooks.change (event, record_id, record) SELECT 'person.updated', %s, '{}' FROM generate_series(1, %d) n";

  private static final String PENDING =
      """
      INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at, record_key)
      SELECT id, s, 'pending', %s, webhooks.record_key(s, object, record_id)
      FROM webhooks.change, CAST('%s' AS uuid) s WHERE id IN (SELECT id FROM webhooks.change ORDER BY id DESC LIMIT %d)""";

  private void orderedWebhook() throws SQLException {
    execute("DELETE FROM webhooks.subscription");
    execute("DELETE FROM webhooks.delivery");
    execute(
        "INSERT INTO webhooks.subscription (id, target_url, ordering, supersede) VALUES ('%s', 'http://localhost/', 'record', true)"
            .formatted(Parameters.WEBHOOK));
  }

  /** Many for one record, many records that wait for their next attempt, a hundred that are due. */
  private void waitForTheirRecords(int many) throws SQLException {
    execute(CHANGES.formatted("'x'", many));
    execute("TRUNCATE webhooks.change_queue");
    execute(PENDING.formatted("'infinity'", Parameters.WEBHOOK, many));
    owe("y", many, "now() + interval '1 h'");
    owe("due" + many + "-", 100, "now()");
  }

  /** Makes a dispatched change of each of so many records, and its pending delivery. */
  private void owe(String record, int many, String dueAt) throws SQLException {
    execute(CHANGES.formatted("'" + record + "' || n", many));
    execute(
        "DELETE FROM webhooks.change_queue q WHERE q.id IN (SELECT id FROM webhooks.change WHERE record_id LIKE '%s%%')"
            .formatted(record));
    execute(PENDING.formatted(dueAt, Parameters.WEBHOOK, many));
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
    return pagesOf(call(name));
  }

  private long pagesOf(String call) throws SQLException, IOException {
    JsonNode plan = plan(call);
    return plan.get("Shared Hit Blocks").asLong() + plan.get("Shared Read Blocks").asLong();
  }

  private JsonNode plan(String call) throws SQLException, IOException {
    String explained = value("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + call);
    return new ObjectMapper().readTree(explained).get(0).get("Plan");
  }

  private String value(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
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

  static String call(String name) throws IOException {
    if (Parameters.OF.get(name).isEmpty()) {
      return sql(name);
    }
    return Parameters.OF.get(name).values().stream()
        .map(value -> value.equals("NULL") ? value : "'" + value + "'")
        .collect(Collectors.joining(", ", "EXECUTE " + prepared(name) + " (", ")"));
  }

  /** The values that the routes would pass. */
  static final class Parameters {
    private static final String WEBHOOK = "00000000-0000-0000-0000-000000000001";
    private static final String OTHER = "00000000-0000-0000-0000-000000000002";
    private static final String NO_DELIVERY = "msg_0000000000000001" + "0".repeat(32);
    private static final String CHUNK =
        "{\"replay\":1,\"position\":0,\"reached\":9,\"owed\":1,\"refused\":0,\"dropped\":[],\"again\":[\"%s\"],\"deliveries\":[{\"change_id\":1}]}"
            .formatted(NO_DELIVERY);

    /** Statements of housekeeping and of operators that change few of many rows. */
    static final List<String> NOW_AND_THEN =
        List.of(
            "beat",
            "heed-clock",
            "leave",
            "disable-gone-webhook",
            "remove-webhook",
            "hasten-pending",
            "cancel-replayed",
            "owe-replay",
            "retry-parked");

    private static final String IN_ORDER =
        "[{\"change_id\":99999,\"subscription_id\":\"%s\",\"object\":\"person\",\"record_id\":\"y7\"}]"
            .formatted(WEBHOOK);
    private static final String LINES =
        "[{\"subscription_id\":\"%s\",\"records\":[{\"object\":\"person\",\"record_id\":\"x\"},{\"object\":\"person\",\"record_id\":\"y7\"}]}]"
            .formatted(WEBHOOK);

    static final Map<String, Map<String, String>> OF =
        Map.ofEntries(
            entry("find-waiting", ordered("lines", LINES)),
            entry("keep-order", ordered("claimed", "[]", "pollDelay", "100ms")),
            entry("supersede", ordered("updates", IN_ORDER, "lease", "60s")),
            entry("wake-sleepers", ordered()),
            entry(
                "purge-old",
                ordered("after", 0, "keepDelivered", "0s", "chunk", BATCH, "keepDead", "0s")),
            entry("cancel-orphans", ordered("chunk", 2000)),
            entry(
                "beat",
                ordered(
                    "node",
                    1,
                    "heartbeat",
                    "10s",
                    "secretKeys",
                    "{}",
                    "lease",
                    "60s",
                    "moving",
                    "{1}",
                    "held",
                    "{1}")),
            entry(
                "heed-clock",
                ordered(
                    "heartbeat",
                    "10s",
                    "lease",
                    "60s",
                    "deliveryLease",
                    "60s",
                    "longestPause",
                    "1h")),
            entry("leave", ordered("node", 1, "unfinished", "{" + NO_DELIVERY + "}")),
            entry("disable-gone-webhook", ordered("webhook", OTHER, "reason", "r")),
            entry("remove-webhook", ordered("id", OTHER, "workspace", "NULL", "version", "NULL")),
            entry("hasten-pending", ordered("webhook", OTHER, "lease", "60s", "size", 100)),
            entry("cancel-replayed", ordered("id", 1)),
            entry("owe-replay", ordered("chunk", CHUNK)),
            entry(
                "retry-parked",
                ordered(
                    "after",
                    0,
                    "ids",
                    "NULL",
                    "chunk",
                    100,
                    "workspace",
                    "NULL",
                    "object",
                    "NULL",
                    "action",
                    "NULL",
                    "since",
                    "NULL",
                    "until",
                    "NULL",
                    "reason",
                    "NULL")),
            entry(
                "take-batch",
                ordered(
                    "inOrder",
                    false,
                    "batchSize",
                    BATCH,
                    "batchBytes",
                    8_000_000,
                    "node",
                    1,
                    "lease",
                    "60s",
                    "recordBytes",
                    5_000_000)),
            entry(
                "claim-due",
                ordered(
                    "busy",
                    "[]",
                    "most",
                    BATCH,
                    "webhookBytes",
                    8_000_000,
                    "concurrency",
                    BATCH,
                    "room",
                    BATCH,
                    "lease",
                    "60s",
                    "batchBytes",
                    8_000_000,
                    "pollDelay",
                    "100ms")),
            entry(
                "settle-batch",
                ordered(
                    "batch",
                    "{\"returned\":[1],\"parked\":[{\"change_id\":2,\"reason\":\"r\"}],\"outcomes\":["
                        + outcome("\"state\":\"delivered\"")
                        + "]}",
                    "claim",
                    1,
                    "only",
                    "")),
            entry(
                "claim-replay", ordered("lease", "60s", "concurrency", 32, "deliveryLease", "60s")),
            entry(
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
                    5_000_000)),
            entry(
                "record-redeliveries",
                ordered(
                    "outcomes",
                    "["
                        + outcome(
                            "\"id\":\"msg_0000000000000001"
                                + "0".repeat(32)
                                + "\",\"state\":\"delivered\"")
                        + "]")));

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
