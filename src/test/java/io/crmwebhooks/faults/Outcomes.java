package io.crmwebhooks.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads which deliveries the topic of outcomes says have arrived. Used by one thread. */
final class Outcomes implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KafkaConsumer<String, String> consumer;
  private final String topic;
  private final Set<String> ids = new HashSet<>();

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
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(of -> new TopicPartition(topic, of.partition()))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream().anyMatch(of -> consumer.position(of) < ends.get(of))) {
      for (ConsumerRecord<String, String> message : consumer.poll(Duration.ofMillis(100))) {
        ids.add(id(message.value()));
      }
    }
    return new HashSet<>(ids);
  }

  private static String id(String outcome) {
    try {
      return JSON.readTree(outcome).path("id").asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
