package io.crmwebhooks.observe;

import static io.crmwebhooks.database.Sql.sql;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.database.Sql;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gauges that only the database can tell, with no pipeline at work. */
class DatabaseReadingTest {
  private static final String PEOPLE = "00000000-0000-0000-0000-000000000001";
  private static final String COMPANIES = "00000000-0000-0000-0000-000000000002";
  private static final Offset<Double> A_FEW_SECONDS = within(20.0);

  private final TestDatabase database = TestDatabase.create();
  private final AtomicLong now = new AtomicLong();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final WebhookLabels labels = new WebhookLabels(10);
  private final DatabaseReading reading =
      new DatabaseReading(new Sql(database.apiDataSource()), labels, now::get);

  @BeforeEach
  void addWebhooks() throws SQLException {
    reading.register(registry);
    execute(
        """
        INSERT INTO webhooks.subscription (id, target_url, operations, created_at)
        VALUES ('%s', 'http://a', '{person.*}', '2020-01-01'), ('%s', 'http://b', '{company.created}', '2020-01-02')"""
            .formatted(PEOPLE, COMPANIES));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void before_the_first_reading_nothing_is_known() {
    assertThat(gauge("webhooks.changes.queued")).isNaN();
    assertThat(gauge("webhooks.oldest.queued.age")).isNaN();
    assertThat(registry.get("webhooks.dead.letters").tag("webhook", "other").gauge().value())
        .isNaN();
  }

  @Test
  void nothing_that_waits_is_zero() throws SQLException {
    reading.read();
    assertThat(gauge("webhooks.changes.queued")).isZero();
    assertThat(gauge("webhooks.oldest.queued.age")).isZero();
    assertThat(age(PEOPLE)).isZero();
    assertThat(gauge("webhooks.dead.letters", PEOPLE)).isZero();
  }

  @Test
  void a_queued_change_counts_as_undelivered_to_the_webhooks_that_it_matches() throws SQLException {
    change("person.created", 600);
    change("company.deleted", 900);
    reading.read();
    assertThat(age(PEOPLE)).isCloseTo(600, A_FEW_SECONDS);
    assertThat(age(COMPANIES)).isZero();
    assertThat(gauge("webhooks.changes.queued")).isEqualTo(2);
    assertThat(gauge("webhooks.oldest.queued.age")).isCloseTo(900, A_FEW_SECONDS);
  }

  @Test
  void so_does_one_that_is_claimed_and_never_recorded() throws SQLException {
    change("person.created", 600);
    execute(
        """
        WITH q AS (DELETE FROM webhooks.change_queue RETURNING id)
        INSERT INTO webhooks.claim (node, lease_until, changes) SELECT 1, now(), array_agg(id) FROM q""");
    reading.read();
    assertThat(age(PEOPLE)).isCloseTo(600, A_FEW_SECONDS);
    assertThat(gauge("webhooks.changes.queued")).isZero();
    assertThat(gauge("webhooks.changes.claimed")).isEqualTo(1);
  }

  @Test
  void a_change_of_another_workspace_or_for_a_disabled_webhook_keeps_nobody_waiting()
      throws SQLException {
    execute(
        """
        INSERT INTO webhooks.change (workspace, event, occurred_at)
        VALUES ('other', 'person.created', now() - interval '1 hour')""");
    change("company.created", 600);
    execute(
        "UPDATE webhooks.subscription SET enabled = false WHERE id = '%s'".formatted(COMPANIES));
    reading.read();
    assertThat(age(PEOPLE)).isZero();
    assertThat(age(COMPANIES)).isZero();
  }

  @Test
  void pending_deliveries_and_dead_letters_are_counted_and_the_oldest_pending_one_has_its_age()
      throws SQLException {
    dispatched(10, 3600);
    execute(
        """
        INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at)
        SELECT id, '%s', CASE WHEN id <= 3 THEN 'dead' WHEN id <= 7 THEN 'pending' ELSE 'delivered' END,
          CASE WHEN id > 3 AND id <= 7 THEN now() END
        FROM webhooks.change"""
            .formatted(PEOPLE));
    reading.read();
    assertThat(gauge("webhooks.deliveries.pending", PEOPLE)).isEqualTo(4);
    assertThat(gauge("webhooks.dead.letters", PEOPLE)).isEqualTo(3);
    assertThat(age(PEOPLE)).isCloseTo(3600 - 4, A_FEW_SECONDS);
  }

  @Test
  void an_endpoint_that_is_paused_is_shown() throws SQLException {
    execute(
        """
        INSERT INTO webhooks.endpoint (subscription_id, failing_since, paused_until)
        VALUES ('%s', now(), now()), ('%s', now(), NULL)"""
            .formatted(PEOPLE, COMPANIES));
    reading.read();
    assertThat(gauge("webhooks.paused", PEOPLE)).isEqualTo(1);
    assertThat(gauge("webhooks.paused", COMPANIES)).isZero();
  }

  @Test
  void what_a_replay_has_owed_is_not_late() throws SQLException {
    dispatched(10, 86400);
    execute(
        """
        INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at, replayed_by)
        SELECT id, '%s', 'pending', now(), CASE WHEN id < 10 THEN 1 END FROM webhooks.change"""
            .formatted(PEOPLE));
    execute("UPDATE webhooks.change SET occurred_at = now() - interval '10 minutes' WHERE id = 10");
    reading.read();
    assertThat(age(PEOPLE)).isCloseTo(600, A_FEW_SECONDS);
    assertThat(gauge("webhooks.deliveries.pending", PEOPLE)).isEqualTo(10);
  }

  @Test
  void behind_five_thousand_others_a_change_may_be_for_anybody() throws SQLException {
    execute(
        """
        INSERT INTO webhooks.change (event, occurred_at)
        SELECT 'person.created', now() - (10000 - n) * interval '1 s' FROM generate_series(1, 5001) n""");
    reading.read();
    assertThat(age(PEOPLE)).isCloseTo(9999, A_FEW_SECONDS);
    assertThat(age(COMPANIES)).isCloseTo(5000, A_FEW_SECONDS);
    assertThat(gauge("webhooks.changes.queued")).isEqualTo(5001);
  }

  @Test
  void ages_go_on_growing_when_nothing_can_be_read() throws SQLException {
    change("person.created", 600);
    reading.read();
    now.addAndGet(3_600_000_000_000L);
    assertThat(age(PEOPLE)).isCloseTo(4200, A_FEW_SECONDS);
    assertThat(age(COMPANIES)).isZero();
    assertThat(gauge("webhooks.readings.age")).isEqualTo(3600);
  }

  @Test
  void webhooks_that_share_a_label_show_their_sums_and_the_oldest() throws SQLException {
    WebhookLabels none = new WebhookLabels(0);
    SimpleMeterRegistry other = new SimpleMeterRegistry();
    DatabaseReading shared = new DatabaseReading(new Sql(database.apiDataSource()), none, now::get);
    shared.register(other);
    change("person.created", 600);
    change("company.created", 900);
    shared.read();
    assertThat(other.get("webhooks.oldest.undelivered.age").tag("webhook", "other").gauge().value())
        .isCloseTo(900, A_FEW_SECONDS);
  }

  @Test
  void a_reading_costs_the_same_beside_many_that_are_delivered_and_few_pages_beside_many_that_wait()
      throws SQLException, IOException {
    dispatched(60_000, 86400);
    execute(
        """
        INSERT INTO webhooks.delivery (change_id, subscription_id, state, due_at)
        SELECT id, '%s', CASE id %% 2 WHEN 0 THEN 'dead' ELSE 'pending' END, CASE id %% 2 WHEN 1 THEN now() END
        FROM webhooks.change WHERE id <= 30000"""
            .formatted(PEOPLE));
    execute("VACUUM ANALYZE webhooks.delivery, webhooks.change_queue");
    long few = pages();
    execute(
        "INSERT INTO webhooks.delivery (change_id, subscription_id, state) SELECT id, '%s', 'delivered' FROM webhooks.change WHERE id > 30000"
            .formatted(PEOPLE));
    assertThat(pages()).isLessThan(few + 50);
    assertThat(few).isLessThan(1500);
  }

  private void change(String event, int secondsAgo) throws SQLException {
    execute(
        "INSERT INTO webhooks.change (event, occurred_at) VALUES ('%s', now() - %d * interval '1 s')"
            .formatted(event, secondsAgo));
  }

  /** Changes a second apart from each other, of which the first has this age. */
  private void dispatched(int count, int secondsAgo) throws SQLException {
    execute(
        """
        INSERT INTO webhooks.change (event, occurred_at)
        SELECT 'person.created', now() + (n - %d) * interval '1 s' FROM generate_series(0, %d) n"""
            .formatted(secondsAgo, count - 1));
    execute("DELETE FROM webhooks.change_queue");
  }

  private double age(String webhook) {
    return gauge("webhooks.oldest.undelivered.age", webhook);
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  private double gauge(String name, String webhook) {
    return registry.get(name).tag("webhook", webhook).gauge().value();
  }

  private long pages() throws SQLException, IOException {
    try (Connection connection = database.apiDataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql("read-gauges.sql"))) {
      row.next();
      JsonNode plan = new ObjectMapper().readTree(row.getString(1)).get(0).get("Plan");
      return plan.get("Shared Hit Blocks").asLong() + plan.get("Shared Read Blocks").asLong();
    }
  }

  private void execute(String statement) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement made = connection.createStatement()) {
      made.execute(statement);
    }
  }
}
