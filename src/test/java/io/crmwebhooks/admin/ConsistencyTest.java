package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.database.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each problem that the check names, made on a real database that has none. */
class ConsistencyTest {
  private static final String WEBHOOK = "00000000-0000-0000-0000-000000000001";

  /**
   * Change 1 is delivered at the second attempt, 2 pending, 3 dead, 4 queued, 5 claimed, 6 parked.
   */
  private static final List<String> SOUND =
      List.of(
          "INSERT INTO webhooks.subscription (id, target_url) VALUES ('"
              + WEBHOOK
              + "', 'http://a')",
          "INSERT INTO webhooks.change (event, record) SELECT 'person.created', '{}' FROM generate_series(1, 6)",
          "DELETE FROM webhooks.change_queue WHERE id <> 4",
          "INSERT INTO webhooks.node (id) OVERRIDING SYSTEM VALUE VALUES (7)",
          "INSERT INTO webhooks.claim (id, node, lease_until, changes) VALUES (1, 7, now() + interval '1 min', '{5}')",
          "INSERT INTO webhooks.parked_change VALUES (6, 'malformed')",
          delivery(1, "'delivered', 2, NULL, NULL"),
          attempt(1, 1),
          attempt(1, 2),
          delivery(2, "'pending', 0, now(), NULL"),
          delivery(3, "'dead', 1, NULL, 'refused'"),
          attempt(3, 1));

  private static TestDatabase database;
  private static Connection connection;

  private static String delivery(int change, String rest) {
    return "INSERT INTO webhooks.delivery (change_id, subscription_id, state, attempts, due_at, error) VALUES (%d, '%s', %s)"
        .formatted(change, WEBHOOK, rest);
  }

  private static String attempt(int change, int number) {
    return "INSERT INTO webhooks.attempt (delivery_id, number, attempted_at, duration_ms) VALUES (webhooks.delivery_key(%d, '%s'), %d, now(), 1)"
        .formatted(change, WEBHOOK, number);
  }

  @BeforeAll
  static void makeSoundTables() throws SQLException {
    database = TestDatabase.create();
    connection = database.dataSource().getConnection();
    run(SOUND);
    connection.setAutoCommit(false);
  }

  @AfterAll
  static void close() throws SQLException {
    connection.close();
    database.close();
  }

  private static void run(List<String> statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  static Stream<Arguments> flaws() {
    return Stream.of(
        flaw("change 5 waits more than once: it is queued and claimed by node 7", queue(5)),
        flaw("change 77 is queued and not in the change table", queue(77)),
        flaw(
            "change 3 is queued although what came of it was recorded 02:00:00 ago",
            queue(3),
            "UPDATE webhooks.delivery SET created_at = now() - interval '2 h'"),
        flaw(
            "change 6 is queued although it was parked 02:00:00 ago",
            queue(6),
            "UPDATE webhooks.parked_change SET parked_at = now() - interval '2 h'"),
        flaw(
            "change 1 is parked although it was delivered",
            "INSERT INTO webhooks.parked_change VALUES (1, 'why')"),
        flaw(
            "change 78 is parked and not in the change table",
            "INSERT INTO webhooks.parked_change VALUES (78, 'why')"),
        flaw(
            "claim 1 holds 1 changes for node 7, which does not exist",
            "DELETE FROM webhooks.node"),
        flaw(
            "claim 1 holds 1 changes although its lease ended 01:00:00 ago and processes run",
            "UPDATE webhooks.claim SET lease_until = now() - interval '1 h'"),
        flaw("pending and never due", free(), "UPDATE webhooks.delivery SET due_at = NULL"),
        flaw("dead and due at", free(), "UPDATE webhooks.delivery SET due_at = now()"),
        flaw(
            "pending for a webhook that does not exist",
            "UPDATE webhooks.delivery SET subscription_id = gen_random_uuid() WHERE change_id = 2"),
        flaw(
            "pending for a webhook that was deleted",
            "UPDATE webhooks.subscription SET deleted_at = now() - interval '1 h'"),
        flaw(
            "delivered and has an error: oh",
            "UPDATE webhooks.delivery SET error = 'oh' WHERE change_id = 1"),
        flaw(
            "delivered without an attempt",
            "UPDATE webhooks.delivery SET attempts = 0 WHERE change_id = 1"),
        flaw(
            "waits for an earlier one of its record, of which there is none",
            "UPDATE webhooks.delivery SET due_at = 'infinity', created_at = now() - interval '1 h' WHERE change_id = 2"),
        flaw("dead without a reason", "UPDATE webhooks.delivery SET error = NULL"),
        flaw(
            "is of change 2, which is not in the change table",
            "DELETE FROM webhooks.change WHERE id = 2"),
        flaw(
            "attempt 2 is of delivery msg_0000000000000001",
            "DELETE FROM webhooks.delivery WHERE change_id = 1"),
        flaw("counts 0 attempts and has had attempt 3", attempt(2, 3)),
        flaw(
            "webhook " + WEBHOOK + " is served, but not by its periods",
            "UPDATE webhooks.subscription_period SET until = now()"),
        flaw(
            "webhook " + WEBHOOK + " is not served, but not by its periods",
            "ALTER TABLE webhooks.subscription DISABLE TRIGGER USER",
            "UPDATE webhooks.subscription SET enabled = false"),
        flaw(
            "the trigger enqueue_changes of webhooks.change is disabled",
            "ALTER TABLE webhooks.change DISABLE TRIGGER enqueue_changes"),
        flaw(
            "the trigger enqueue_changes of webhooks.change is missing",
            "DROP TRIGGER enqueue_changes ON webhooks.change"),
        flaw(
            "PUBLIC has rights on webhooks.begin_rate_limit(), which the next start of a server revokes",
            "GRANT EXECUTE ON FUNCTION webhooks.begin_rate_limit TO PUBLIC"),
        flaw(
            "3 changes of public.person were lost, last at",
            "INSERT INTO webhooks.lost_change (relation, operation, changes, reason)"
                + " VALUES ('public.person', 'INSERT', 3, 'oh')"),
        flaw(
            "partition 5 is held by claim 9, which does not exist",
            "UPDATE webhooks.partition SET held = true, claim = 9 WHERE id = 5"),
        flaw(
            "change 3 is queued in partition 64 instead of its own",
            "ALTER TABLE webhooks.change_queue DROP CONSTRAINT change_queue_partition_check",
            "INSERT INTO webhooks.change_queue VALUES (3, 0, 64)"),
        flaw("partition has 63 rows instead of 64", "DELETE FROM webhooks.partition WHERE id = 63"),
        flaw(
            "order is not kept as the webhooks ask for it",
            "UPDATE webhooks.subscription_revision SET in_order = NOT in_order"),
        flaw("doorbell has 2 rows instead of 1", "INSERT INTO webhooks.doorbell VALUES (true)"),
        flaw(
            "subscription_revision has 0 rows instead of 1",
            "DELETE FROM webhooks.subscription_revision"));
  }

  private static Arguments flaw(String problem, String... statements) {
    return Arguments.of(problem, List.of(statements));
  }

  private static String queue(int change) {
    return "INSERT INTO webhooks.change_queue VALUES (" + change + ")";
  }

  /** PostgreSQL keeps some of it from happening, unless somebody takes that away. */
  private static String free() {
    return "ALTER TABLE webhooks.delivery DROP CONSTRAINT delivery_check";
  }

  @ParameterizedTest
  @MethodSource("flaws")
  void names_what_does_not_agree(String problem, List<String> statements) throws SQLException {
    try {
      run(statements);
      assertThat(problems()).anyMatch(found -> found.contains(problem));
    } finally {
      connection.rollback();
    }
  }

  @Test
  void says_nothing_of_changes_that_kafka_holds_for_long() throws SQLException {
    try {
      run(
          List.of(
              "INSERT INTO webhooks.claim (node, lease_until, changes) VALUES (0, now() + interval '1 h', '{3,6}')",
              "UPDATE webhooks.delivery SET created_at = now() - interval '2 h'",
              "UPDATE webhooks.parked_change SET parked_at = now() - interval '2 h'"));
      assertThat(problems()).isEmpty();
    } finally {
      connection.rollback();
    }
  }

  @Test
  void finds_nothing_where_all_of_it_agrees() throws SQLException {
    assertThat(new Reconciliation(new Sql(database.dataSource())).disagreements(100)).isEmpty();
  }

  /** As seen within the transaction of the test. */
  private static List<String> problems() throws SQLException {
    List<String> problems = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(Sql.sql("check-consistency.sql").replace(":?most", "100"))) {
      while (row.next()) {
        problems.add(row.getString(1));
      }
    }
    return problems;
  }
}
