package io.crmwebhooks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The deliveries of a pipeline on Kafka, wherever they are kept. It reads the topic of outcomes
 * into tables beside those of the database, and has views of both, so that tests ask one place.
 */
final class KeptOutcomes implements AutoCloseable {
  private static final String MAKE =
      """
      CREATE SCHEMA kept;
      CREATE TABLE kept.arrived (LIKE webhooks.delivery INCLUDING DEFAULTS, PRIMARY KEY (id));
      CREATE TABLE kept.arrived_attempt (LIKE webhooks.attempt, PRIMARY KEY (delivery_id, number));
      CREATE VIEW kept.delivery AS
        SELECT * FROM kept.arrived UNION ALL
        SELECT * FROM webhooks.delivery WHERE id NOT IN (SELECT id FROM kept.arrived);
      CREATE VIEW kept.attempt AS
        SELECT * FROM kept.arrived_attempt UNION ALL
        SELECT * FROM webhooks.attempt WHERE delivery_id NOT IN (SELECT id FROM kept.arrived);
      """;

  /** The first outcome of a delivery counts. */
  private static final String ADD =
      """
      WITH given AS MATERIALIZED (SELECT CAST(? AS jsonb) AS o), arrived AS (
        INSERT INTO kept.arrived
        SELECT d.* FROM given, jsonb_populate_record(NULL::kept.arrived, o || jsonb_build_object(
          'state', 'delivered',
          'attempted_at', to_timestamp(CAST(o ->> 'attempted_ms' AS float8) / 1000),
          'created_at', to_timestamp(CAST(o ->> 'created_ms' AS float8) / 1000))) d
        ON CONFLICT DO NOTHING
        RETURNING id)
      INSERT INTO kept.arrived_attempt
      SELECT a.* FROM arrived, given, jsonb_array_elements(o -> 'history') h,
        jsonb_populate_record(NULL::kept.arrived_attempt, h || jsonb_build_object(
          'delivery_id', arrived.id,
          'attempted_at', to_timestamp(CAST(h ->> 'attempted_ms' AS float8) / 1000))) a
      """;

  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration MOST = Duration.ofSeconds(2);

  private final DataSource database;
  private final KafkaConsumer<String, String> consumer;
  private final Thread thread = new Thread(this::read, "kept-outcomes");
  private final AtomicInteger asked = new AtomicInteger();
  private volatile int answered;
  private volatile boolean ended;

  private KeptOutcomes(DataSource database, String brokers, String topic) {
    this.database = database;
    this.consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", brokers),
            new StringDeserializer(),
            new StringDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(each -> new TopicPartition(topic, each.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Makes the views; to be called before {@link #in} is used. */
  static void make(DataSource database) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(MAKE)) {
      statement.execute();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Begins to read.
   *
   * @param topic is there already
   */
  static KeptOutcomes of(DataSource database, String brokers, String topic) {
    KeptOutcomes outcomes = new KeptOutcomes(database, brokers, topic);
    outcomes.thread.setDaemon(true);
    outcomes.thread.start();
    return outcomes;
  }

  /** Makes a query ask the views. */
  static String in(String sql) {
    return sql.startsWith("SELECT")
        ? sql.replaceAll("\\bwebhooks\\.(delivery|attempt)\\b", "kept.$1")
        : sql;
  }

  private void read() {
    try (consumer) {
      while (!ended) {
        int question = asked.get();
        Map<TopicPartition, Long> ends =
            question == answered ? Map.of() : consumer.endOffsets(consumer.assignment());
        do {
          for (ConsumerRecord<String, String> outcome : consumer.poll(LOOK)) {
            add(outcome.value());
          }
        } while (!ended && ends.entrySet().stream().anyMatch(this::isBefore));
        answered = question;
      }
    }
  }

  private boolean isBefore(Map.Entry<TopicPartition, Long> end) {
    return consumer.position(end.getKey()) < end.getValue();
  }

  /**
   * Returns when nothing is between the two places, or after a while: a row is deleted only when
   * its message is there.
   */
  void catchUp() {
    long until = System.nanoTime() + MOST.toNanos();
    while (isMoving() && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(1_000_000);
    }
    int question = asked.incrementAndGet();
    while (answered < question && System.nanoTime() - until < 0) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private boolean isMoving() {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT FROM webhooks.delivery WHERE state = 'delivered' LIMIT 1")) {
      return statement.executeQuery().next();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void add(String outcome) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(ADD)) {
      statement.setString(1, outcome);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
