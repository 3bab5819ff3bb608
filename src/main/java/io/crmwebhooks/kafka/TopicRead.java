package io.crmwebhooks.kafka;

import io.crmwebhooks.admin.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * One read of a topic, with a consumer of its own that is in no group. It ends with {@link #close}.
 * Used by one thread.
 */
final class TopicRead implements AutoCloseable {
  /** The clocks of PostgreSQL and of the processes differ by no more. */
  static final Duration CLOCKS = Duration.ofMinutes(1);

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CLOSING =
      Duration.ofMillis(50); // the client waits for no answer that it needs

  private static final int API_TIMEOUT = 5000;

  private static final Map<String, Object> ALWAYS =
      Map.of(
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          false,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          "earliest", // of what retention removes meanwhile
          ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
          false,
          ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
          5000,
          ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG,
          false,
          ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
          2 << 20, // of each broker, and of each read that goes on
          ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
          1 << 20,
          ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
          20); // a request at the end of a partition holds up what comes next

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;
  private final long records;
  private final long end;
  private long read;

  /**
   * @param client the settings of the client
   * @param records it reads at most about that many
   * @param time after which it reads no more
   */
  TopicRead(Map<String, Object> client, String topic, long records, Duration time) {
    Map<String, Object> config = new HashMap<>(client);
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    config.putAll(ALWAYS);
    config.put(
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) Math.min(time.toMillis(), API_TIMEOUT));
    this.consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.topic = topic;
    this.records = records;
    this.end = System.nanoTime() + time.toNanos();
  }

  /**
   * @throws Problem 503 when there is no such topic
   */
  List<TopicPartition> partitions() {
    List<PartitionInfo> all = consumer.partitionsFor(topic);
    if (all.isEmpty()) {
      throw Problem.of(503, "there is no topic " + topic + " at Kafka yet");
    }
    List<TopicPartition> partitions =
        all.stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .sorted((a, b) -> Integer.compare(a.partition(), b.partition()))
            .toList();
    if (consumer.assignment().isEmpty()) {
      consumer.assign(partitions); // else the client warns of each offset that it is asked for
    }
    return partitions;
  }

  Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions) {
    return consumer.beginningOffsets(partitions);
  }

  Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
    return consumer.endOffsets(partitions);
  }

  /** The first messages from a time on; the end of a partition that has none. */
  Map<TopicPartition, Long> at(Collection<TopicPartition> partitions, Instant time) {
    Map<TopicPartition, Long> asked = new HashMap<>();
    long millis = Math.max(0, time.toEpochMilli());
    partitions.forEach(partition -> asked.put(partition, millis));
    Map<TopicPartition, Long> offsets = new HashMap<>(ends(partitions));
    consumer
        .offsetsForTimes(asked)
        .forEach(
            (partition, found) -> {
              if (found != null) {
                offsets.put(partition, found.offset());
              }
            });
    return offsets;
  }

  /** Takes a message. */
  interface Taker {
    /** Says whether to go on. */
    boolean take(ConsumerRecord<byte[], byte[]> message);
  }

  /** How many messages it has read. */
  long count() {
    return read;
  }

  private boolean isSpent() {
    return read >= records || System.nanoTime() - end >= 0;
  }

  /**
   * Reads parts of partitions forwards, those of a partition in their order.
   *
   * @param from where to begin
   * @param to the ends, exclusive
   * @param progress is told how far it has come, from 0 to 1
   * @return where it ended, in each partition of {@code from}: before {@code to} only where it was
   *     told to stop, or may read no more
   */
  Map<TopicPartition, Long> forwards(
      Map<TopicPartition, Long> from,
      Map<TopicPartition, Long> to,
      Taker taker,
      DoubleConsumer progress) {
    Map<TopicPartition, Long> reached = new HashMap<>(from);
    Predicate<TopicPartition> isOpen = each -> reached.get(each) < to.get(each);
    List<TopicPartition> open = from.keySet().stream().filter(isOpen).toList();
    long all = open.stream().mapToLong(each -> to.get(each) - from.get(each)).sum();
    consumer.assign(open);
    open.forEach(each -> consumer.seek(each, from.get(each)));
    while (!open.isEmpty() && !isSpent()) {
      ConsumerRecords<byte[], byte[]> some = consumer.poll(POLL);
      for (ConsumerRecord<byte[], byte[]> message : some) {
        TopicPartition partition = new TopicPartition(message.topic(), message.partition());
        if (message.offset() >= to.get(partition)) {
          continue;
        }
        read++;
        reached.put(partition, message.offset() + 1);
        if (!taker.take(message)) {
          return reached;
        }
      }
      open.forEach(each -> reached.put(each, Math.min(to.get(each), consumer.position(each))));
      List<TopicPartition> still = open.stream().filter(isOpen).toList();
      if (still.size() < open.size()) {
        consumer.assign(still); // which keeps the positions of these
        open = still;
      }
      long left = open.stream().mapToLong(each -> to.get(each) - reached.get(each)).sum();
      progress.accept(all == 0 ? 1 : (double) (all - left) / all);
    }
    return reached;
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(CLOSING));
  }
}
