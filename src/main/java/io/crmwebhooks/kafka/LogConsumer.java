package io.crmwebhooks.kafka;

import io.crmwebhooks.pipeline.ChangeLog;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topic of changes so that one look is one batch of camel-kafka. That hands over a batch
 * when a look brings nothing more, or when the batch is full; so after a look that has brought
 * something the next one brings nothing, at once. Nothing waits in Camel meanwhile that a rebalance
 * could give to others. It belongs to one thread, as every consumer of Kafka.
 *
 * <p>Its partitions are its own for a session from when the broker last took its commit. Two thirds
 * of that are counted on, since clocks and pauses differ. Records prove nothing: a process that
 * stood still may have them from before.
 */
final class LogConsumer extends KafkaConsumer<String, String> implements ChangeLog, LogReader {
  private static final Logger LOG = LoggerFactory.getLogger(LogConsumer.class);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final long PAUSE_MILLIS = 1000;

  private final LostMessages lost;
  private final Progress progress;
  private final Duration lease;
  private final long pollWithinNanos;
  private final Map<TopicPartition, Long> unsettled = new HashMap<>();
  private final Settled settled = new Settled();
  private String topic;
  private boolean handsOver;
  private boolean taken;
  private long polledAt = System.nanoTime();
  private long ownSince;

  LogConsumer(Properties properties, LostMessages lost, Progress progress) {
    super(properties);
    this.lost = lost;
    this.progress = progress;
    this.topic = progress.topic();
    ConsumerConfig config = new ConsumerConfig(properties);
    this.lease =
        Duration.ofMillis(config.getInt(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG) * 2L / 3);
    this.ownSince = polledAt - lease.toNanos();
    this.pollWithinNanos =
        TimeUnit.MILLISECONDS.toNanos(
            config.getInt(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG) / 2);
  }

  @Override
  public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
    super.subscribe(topics, new Watching(listener));
  }

  /**
   * Notes when partitions go of which something is not settled, and looks whether the places of
   * those that come are of the topic that there is.
   */
  private final class Watching implements ConsumerRebalanceListener {
    private final ConsumerRebalanceListener listener;

    Watching(ConsumerRebalanceListener listener) {
      this.listener = listener;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      listener.onPartitionsAssigned(partitions);
      Map<TopicPartition, OffsetAndMetadata> places = committed(Set.copyOf(partitions));
      places.values().removeIf(place -> place == null || place.metadata().equals(topic));
      if (!places.isEmpty()
          && !lost.goOnBehind(LogConsumer.this, places.keySet(), progress.topic(), Map.of())) {
        topic = ""; // so it is done before anything more is read
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      taken |= partitions.stream().anyMatch(unsettled::containsKey);
      settled.forget(partitions);
      listener.onPartitionsRevoked(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      taken |= partitions.stream().anyMatch(unsettled::containsKey);
      settled.forget(partitions);
      listener.onPartitionsLost(partitions);
    }
  }

  /** Does not heed the timeout: see above. */
  @Override
  public ConsumerRecords<String, String> poll(Duration timeout) {
    if (handsOver) {
      handsOver = false;
      return ConsumerRecords.empty();
    }
    try {
      unsettled.clear();
      taken = false;
      polledAt = System.nanoTime();
      if (!topic.equals(progress.topic())) {
        topic = progress.topic();
        settled.forget(assignment());
        topic = lost.goOnBehind(this, assignment(), topic, Map.of()) ? topic : "";
      }
      ConsumerRecords<String, String> records = super.poll(LOOK);
      records
          .partitions()
          .forEach(
              partition -> unsettled.put(partition, records.records(partition).get(0).offset()));
      handsOver = !records.isEmpty() && areOwn();
      return handsOver ? records : ConsumerRecords.empty();
    } catch (OffsetOutOfRangeException e) {
      lost.goOnBehind(this, e.partitions(), topic, e.offsetOutOfRangePartitions());
      return ConsumerRecords.empty();
    } catch (InvalidOffsetException e) {
      lost.goOnBehind(this, e.partitions(), topic, Map.of());
      return ConsumerRecords.empty();
    } catch (AuthenticationException | AuthorizationException e) {
      // Camel's consumer would end for good.
      LOG.warn("topic.refused is asked again error=\"{}\"", e.getMessage());
      LostMessages.pause(PAUSE_MILLIS);
      return ConsumerRecords.empty();
    }
  }

  /** Asks the broker when it has not said so of late. If not, they are read again. */
  private boolean areOwn() {
    if (topic.isEmpty()) {
      goBack();
      return false;
    }
    if (System.nanoTime() - ownSince < lease.toNanos() / 2) {
      return true;
    }
    try {
      commit(Map.copyOf(unsettled));
      return true;
    } catch (CommitFailedException | RebalanceInProgressException e) {
      LOG.debug("whoever gets the partitions reads these records", e);
      goBack();
    } catch (KafkaException e) {
      LOG.warn("topic.unsure its messages are read again error=\"{}\"", e.getMessage());
      rewind();
    }
    return false;
  }

  Settled settled() {
    return settled;
  }

  @Override
  public Duration lease() {
    return lease;
  }

  @Override
  public long ownSince() {
    return ownSince;
  }

  /** Commits what is committed already. A look is due now and then as well, at nothing. */
  @Override
  public boolean confirm() {
    if (System.nanoTime() - polledAt > pollWithinNanos) {
      lookAtNothing();
    }
    if (taken) {
      return false;
    }
    try {
      commit(Map.copyOf(unsettled));
      return true;
    } catch (CommitFailedException e) {
      LOG.debug("the group goes on without this consumer", e);
      return false;
    }
  }

  private void lookAtNothing() {
    Set<TopicPartition> mine = assignment();
    pause(mine);
    polledAt = System.nanoTime();
    try {
      ConsumerRecords<String, String> early = super.poll(Duration.ZERO);
      early
          .partitions() // new ones, which are not paused
          .forEach(partition -> seek(partition, early.records(partition).get(0).offset()));
    } catch (InvalidOffsetException e) {
      LOG.debug("the next look deals with new partitions", e);
    } finally {
      resume(assignment());
    }
  }

  /**
   * Commits the offsets of what is settled, and waits for the broker.
   *
   * @param next of each partition, the offset of the first message that is not settled
   */
  @Override
  public void commit(Map<TopicPartition, Long> next) {
    long asked = System.nanoTime();
    commitSync(
        next.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, e -> new OffsetAndMetadata(e.getValue(), topic))));
    unsettled.putAll(next);
    ownSince = asked;
  }

  /** Reads again what is not settled, after a pause. */
  void rewind() {
    goBack();
    LostMessages.pause(PAUSE_MILLIS);
  }

  /** Reads again what is not settled. */
  void goBack() {
    unsettled.forEach(
        (partition, offset) -> {
          if (assignment().contains(partition)) {
            seek(partition, offset);
          }
        });
    unsettled.clear();
  }
}
