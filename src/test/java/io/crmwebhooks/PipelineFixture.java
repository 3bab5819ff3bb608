package io.crmwebhooks;

import static org.awaitility.Awaitility.await;

import io.crmwebhooks.admin.NewWebhook;
import io.crmwebhooks.admin.WebhookSecrets;
import io.crmwebhooks.admin.Webhooks;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.http.EgressRules;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.wiring.Development;
import io.crmwebhooks.wiring.Pipeline;
import io.crmwebhooks.wiring.Running;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.core.ConditionFactory;

/**
 * A database of its own with the real pipeline on it, and the few statements that tests ask of it.
 */
final class PipelineFixture implements AutoCloseable {
  static final String TOKEN = "the token of the tests";
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String INSERT_CHANGES =
      "INSERT INTO webhooks.change (event, record_id, record) "
          + "SELECT ?, n::text, json_build_object('n', n) FROM generate_series(1, CAST(? AS integer)) n";

  private final TestDatabase database;
  private final Map<String, String> overrides = new HashMap<>();
  private Running pipeline;
  private final boolean outcomesToo;
  private KeptOutcomes outcomes;

  PipelineFixture(String... settings) {
    this(TestDatabase.create(), settings);
  }

  /** With these routes. */
  PipelineFixture(EditedRoutes routes, String... settings) {
    this(settings);
    overrides.putAll(routes.settings());
  }

  /** On a database that is closed with it. */
  PipelineFixture(TestDatabase database, String... settings) {
    this(database, OnBothEngines.Each.isKafka(), settings);
  }

  /**
   * For a test that has its engine as a parameter.
   *
   * @param engine postgresql, or kafka
   */
  static PipelineFixture on(String engine, String... settings) {
    return new PipelineFixture(TestDatabase.create(), engine.equals("kafka"), settings);
  }

  /** As {@link #on(String, String...)}, with these routes. */
  static PipelineFixture on(String engine, EditedRoutes routes, String... settings) {
    PipelineFixture fixture = on(engine, settings);
    fixture.overrides.putAll(routes.settings());
    return fixture;
  }

  /** On the engine Kafka, with topics of its own. Queries ask the database only. */
  static PipelineFixture onKafka(String... settings) {
    PipelineFixture fixture = new PipelineFixture(settings);
    fixture.moveToKafka();
    return fixture;
  }

  private void moveToKafka() {
    if (overrides.putIfAbsent("webhooks.engine", "kafka") == null) {
      overrides.put("webhooks.kafka.brokers", KafkaBroker.shared().brokers());
      overrides.putIfAbsent("webhooks.kafka.prefix", "t" + UUID.randomUUID());
      overrides.putIfAbsent("webhooks.kafka.partitions", "4");
      overrides.putIfAbsent("webhooks.node.heartbeat", "500ms"); // claims end with a beat
    }
  }

  /** The topic of changes. */
  String topic() {
    return overrides.get("webhooks.kafka.prefix") + ".changes";
  }

  private PipelineFixture(TestDatabase database, boolean onKafka, String... settings) {
    this.database = database;
    this.outcomesToo = onKafka;
    overrides.put("webhooks.http.port", "0");
    overrides.put("webhooks.http.host", "127.0.0.1");
    overrides.put("webhooks.admin.token", TOKEN);
    overrides.put("webhooks.poll.delay", "20ms");
    overrides.put("webhooks.replay.delay", "100ms");
    overrides.put("webhooks.egress.allow", "127.0.0.1");
    overrides.put(
        "webhooks.endpoint.failures", "0"); // else attempts that a test waits for are not made
    for (int i = 0; i < settings.length; i += 2) {
      overrides.put(settings[i], settings[i + 1]);
    }
    if (onKafka) {
      moveToKafka();
      KeptOutcomes.make(database.dataSource());
    }
  }

  PipelineFixture start() {
    pipeline = Pipeline.start(database.settings(overrides), database.database());
    if (outcomesToo && outcomes == null) {
      outcomes =
          KeptOutcomes.of(
              database.dataSource(),
              overrides.get("webhooks.kafka.brokers"),
              overrides.get("webhooks.kafka.prefix") + ".outcomes");
    }
    return this;
  }

  /** Route files that are edited are taken up. */
  PipelineFixture startDevelopment() {
    pipeline = Development.start(database.settings(overrides), database.database());
    return this;
  }

  /** The metrics of the running pipeline. */
  Scrape scrape() {
    return Scrape.of(url() + "/observe/metrics");
  }

  /** The API of the running pipeline, called with the token that may do everything. */
  ApiClient api() {
    return new ApiClient(url(), TOKEN);
  }

  /** Where the running pipeline serves its API and console. */
  String url() {
    return "http://127.0.0.1:" + pipeline.port();
  }

  /** As a setting. */
  String databaseUrl() {
    return database.url();
  }

  /** A second process on the same database; for the test to close. */
  Pipeline startAnother() {
    return Pipeline.start(database.settings(overrides), database.database());
  }

  /** The statements of the operator. */
  Sql statements() {
    return new Sql(database.dataSource());
  }

  Optional<String> firstToken() {
    return pipeline.firstToken();
  }

  void stop() {
    if (pipeline != null) {
      pipeline.close();
      pipeline = null;
    }
  }

  UUID webhook(String url, String... operations) {
    return webhookOf("", url, SECRET, operations);
  }

  UUID webhookOf(String workspace, String url, String secret, String... operations) {
    try {
      List<String> wanted = operations.length == 0 ? List.of("*.*") : List.of(operations);
      return webhooks().add(database.secrets(), NewWebhook.of(workspace, url, wanted, secret));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Closes what has been opened, in this order; null: it has not. */
  static void closeAll(AutoCloseable... opened) throws Exception {
    for (AutoCloseable one : opened) {
      if (one != null) {
        one.close();
      }
    }
  }

  boolean remove(UUID webhook) throws SQLException {
    return webhooks().remove(webhook);
  }

  /** As an operator manages them under the settings of this fixture. */
  Webhooks webhooks() {
    return new Webhooks(database.dataSource(), EgressRules.of(database.settings(overrides)));
  }

  void change(String event, String record) {
    sql(
        "INSERT INTO webhooks.change (event, record_id, record) VALUES (?, 'r1', CAST(? AS json))",
        event,
        record);
  }

  void changes(String event, int count) {
    sql(INSERT_CHANGES, event, Integer.toString(count));
  }

  /**
   * Changes that nobody dispatches, as from before there was a webhook. Nobody sees them queued, so
   * the pipeline may run.
   */
  void pastChanges(String event, int count) {
    try (Connection connection = connection();
        PreparedStatement changes = connection.prepareStatement(INSERT_CHANGES);
        Statement queue = connection.createStatement()) {
      connection.setAutoCommit(false);
      changes.setString(1, event);
      changes.setString(2, Integer.toString(count));
      changes.execute();
      queue.execute("DELETE FROM webhooks.change_queue");
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until so many statements wait for a lock. */
  void awaitBlocked(int statements) {
    soon()
        .until(
            () ->
                ((Number)
                            value(
                                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))
                        .intValue()
                    >= statements);
  }

  /** Ends all connections to the database and admits no other until {@link #letIn}. */
  void lockOut() {
    database.admit(false);
  }

  void letIn() {
    database.admit(true);
  }

  /** A connection of the test's own, to be closed by it. */
  Connection connection() throws SQLException {
    return database.dataSource().getConnection();
  }

  /** The secrets of its webhooks, as an operator changes them. */
  WebhookSecrets secrets() {
    return new WebhookSecrets(database.dataSource(), this::storedSecrets);
  }

  Secrets storedSecrets() {
    return database.secrets();
  }

  /**
   * Runs a statement and returns its rows, if it has any. A query of deliveries finds those that
   * Kafka keeps as well, unless the test is of Kafka alone.
   */
  List<Map<String, Object>> sql(String sql, Object... parameters) {
    if (outcomes != null && !KeptOutcomes.in(sql).equals(sql)) {
      outcomes.catchUp();
    }
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement(outcomesToo ? KeptOutcomes.in(sql) : sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<Map<String, Object>> rows = new ArrayList<>();
      if (statement.execute()) {
        ResultSet row = statement.getResultSet();
        while (row.next()) {
          Map<String, Object> columns = new LinkedHashMap<>();
          for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            columns.put(row.getMetaData().getColumnName(i), row.getObject(i));
          }
          rows.add(columns);
        }
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The one value that a query gives. */
  Object value(String sql, Object... parameters) {
    return sql(sql, parameters).get(0).values().iterator().next();
  }

  long count(String from) {
    return (Long) value("SELECT count(*) FROM webhooks." + from);
  }

  /** Waits until a webhook has so many deliveries in a state. */
  void awaitDeliveries(String webhook, String state, int count) {
    String those =
        "delivery WHERE state = '%s' AND subscription_id = '%s'".formatted(state, webhook);
    soon().until(() -> count(those) == count);
  }

  /**
   * Waits until each change is recorded, and each first attempt too: one whose answer comes after
   * its batch is recorded as pending until then.
   */
  void awaitRecorded() {
    soon().until(() -> count("undispatched") == 0);
    soon().until(() -> count("delivery WHERE state = 'pending' AND attempts = 0") == 0);
  }

  static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20));
  }

  @Override
  public void close() {
    stop();
    if (outcomes != null) {
      outcomes.close();
    }
    database.close();
  }
}
