package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.KafkaBroker;
import io.crmwebhooks.admin.Json;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A topic of outcomes of its own on the broker that the tests share, and a writer of it. */
public final class Outcomes implements AutoCloseable {
  static final int PARTITIONS = 4;

  private final String topic = "outcomes-" + UUID.randomUUID();
  private final KafkaProducer<byte[], byte[]> producer;
  private volatile Exception failure;

  public Outcomes() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.shared().brokers()))) {
      admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    Properties config = new Properties();
    config.put("bootstrap.servers", KafkaBroker.shared().brokers());
    config.put("linger.ms", 5);
    // A new partition may refuse the first batch for a moment; those behind it would then be lost.
    config.put("max.in.flight.requests.per.connection", 1);
    this.producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  public OutcomeTopic topic() {
    return topic(Bounds.USUAL);
  }

  OutcomeTopic topic(Bounds bounds) {
    return new OutcomeTopic(client(), topic, bounds, Clock.systemUTC());
  }

  TopicReads reads(Bounds bounds) {
    return new TopicReads(client(), topic, bounds);
  }

  private static Map<String, Object> client() {
    return Map.of("bootstrap.servers", KafkaBroker.shared().brokers());
  }

  /** The outcome of a delivery that succeeded at once, a second after its capture. */
  public static ObjectNode outcome(long change, Instant captured, UUID webhook, String event) {
    long epoch = captured.toEpochMilli() * 1000;
    return Json.object()
        .put("id", "msg_%016x%s%x".formatted(change, webhook.toString().replace("-", ""), epoch))
        .put("change_id", change)
        .put("epoch", epoch)
        .put("subscription_id", webhook.toString())
        .put("replay_id", 0)
        .put("workspace", "")
        .put("event", event)
        .put("record_id", "r" + change)
        .put("attempts", 1)
        .put("attempted_ms", captured.toEpochMilli() + 990)
        .put("duration_ms", 12)
        .put("status", 200)
        .put("created_ms", captured.toEpochMilli() + 1000);
  }

  /** Where the outcomes of a change are, as PostgreSQL tells it. */
  static OutcomeTopic.Place place(ObjectNode outcome) {
    String event = outcome.path("event").asText();
    return new OutcomeTopic.Place(
        outcome.path("change_id").asLong(),
        outcome.path("workspace").asText(),
        event.substring(0, event.indexOf('.')),
        outcome.path("record_id").textValue(),
        Instant.ofEpochMilli(outcome.path("epoch").asLong() / 1000));
  }

  /** Writes it as of the time when it says to have been recorded; waits for nothing. */
  public void write(ObjectNode outcome) {
    write(outcome, Instant.ofEpochMilli(outcome.path("created_ms").asLong()));
  }

  public void write(ObjectNode outcome, Instant recorded) {
    byte[] key = OutcomeTopic.key(place(outcome)).getBytes(StandardCharsets.UTF_8);
    send(new ProducerRecord<>(topic, null, recorded.toEpochMilli(), key, Json.bytes(outcome)));
  }

  /** Something that is no outcome. */
  void write(String value) {
    send(new ProducerRecord<>(topic, value.getBytes(StandardCharsets.UTF_8)));
  }

  private void send(ProducerRecord<byte[], byte[]> message) {
    producer.send(message, (written, e) -> failure = e == null ? failure : e);
  }

  /** Returns when all is written. */
  public void flush() {
    producer.flush();
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
  }

  /**
   * Removes the oldest messages of all partitions, as retention does.
   *
   * @param perPartition -1: all
   */
  void forget(long perPartition) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.shared().brokers()))) {
      Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
      for (int i = 0; i < PARTITIONS; i++) {
        all.put(new TopicPartition(topic, i), RecordsToDelete.beforeOffset(perPartition));
      }
      admin.deleteRecords(all).all().get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
