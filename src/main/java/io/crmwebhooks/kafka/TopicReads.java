package io.crmwebhooks.kafka;

import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.admin.Slots;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens reads of a topic, a few at a time, of which no workspace has all. Thread-safe. */
final class TopicReads {
  private static final Logger LOG = LoggerFactory.getLogger(TopicReads.class);

  /** One for each workspace at most. */
  private static final int ACCOUNTS = 2;

  private final Map<String, Object> client;
  private final String topic;
  private final Bounds bounds;
  private final Slots reads;
  private final Slots accounts = new Slots(ACCOUNTS);

  TopicReads(Map<String, Object> client, String topic, Bounds bounds) {
    this.client = Map.copyOf(client);
    this.topic = topic;
    this.bounds = bounds;
    this.reads = new Slots(bounds.reads());
  }

  /**
   * Reads within the bounds.
   *
   * @param workspace that asks; null: all
   */
  <T> T read(String workspace, Function<TopicRead, T> work) {
    return placed(workspace, bounds.records(), bounds.time(), work);
  }

  /** As {@link #read}, of work that looks at the bounds by itself, between its steps. */
  <T> T readPatiently(String workspace, Function<TopicRead, T> work) {
    return placed(workspace, Long.MAX_VALUE, bounds.time().multipliedBy(3), work);
  }

  private <T> T placed(String workspace, long records, Duration time, Function<TopicRead, T> work) {
    Runnable place = place(reads, workspace);
    try {
      return read(records, time, work);
    } finally {
      place.run();
    }
  }

  /** A place for an account, to be given back by running it. */
  Runnable account(String workspace) {
    return place(accounts, workspace);
  }

  /** Reads for somebody who has a place. */
  <T> T read(long records, Duration time, Function<TopicRead, T> work) {
    try (TopicRead read = new TopicRead(client, topic, records, time)) {
      return work.apply(read);
    } catch (KafkaException e) {
      LOG.warn("outcomes.unread topic={} error=\"{}\"", topic, e.getMessage());
      throw Problem.of(503, "Kafka does not answer now; try again");
    }
  }

  private Runnable place(Slots places, String workspace) {
    try {
      return places.take(workspace, bounds.time()).orElseThrow(TopicReads::busy);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy();
    }
  }

  private static Problem busy() {
    return Problem.of(503, "others are reading the topic of outcomes; try again");
  }
}
