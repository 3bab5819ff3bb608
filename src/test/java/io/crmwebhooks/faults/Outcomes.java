package io.crmwebhooks.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads which deliveries the topic of outcomes says have arrived, and how often each had timed out
 * before. Used by one thread.
 */
final class Outcomes implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KafkaConsumer<String, String> consumer;
  private final String topic;
  private final Map<String, Integer> timeouts = new HashMap<>(); // by the ids of deliveries

  Outcomes(String brokers, String topic) {
    this.topic = topic;
    this.consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", brokers, "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new StringDeserializer());
  }

  /** The ids of all deliveries that it has a message of by now. */
  Set<String> ids() {
    read();
    return new HashSet<>(timeouts.keySet());
  }

  /** The attempts of these deliveries that have timed out, which are no rows any more. */
  int timeouts() {
    read();
    return timeouts.values().stream().mapToInt(Integer::intValue).sum();
  }

  private void read() {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(of -> new TopicPartition(topic, of.partition()))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream().anyMatch(of -> consumer.position(of) < ends.get(of))) {
      for (ConsumerRecord<String, String> message : consumer.poll(Duration.ofMillis(100))) {
        note(message.value());
      }
    }
  }

  private void note(String message) {
    try {
      JsonNode outcome = JSON.readTree(message);
      int timedOut = 0;
      for (JsonNode attempt : outcome.path("history")) {
        timedOut += attempt.path("error").asText().startsWith("timeout") ? 1 : 0;
      }
      timeouts.merge(outcome.path("id").asText(), timedOut, Math::max);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
