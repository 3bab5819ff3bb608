package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.settings.Settings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the consumers have come in the topic of changes, and which topic that is: one that is
 * made anew has the same name and begins with the same offsets. The consumers note the topic with
 * each offset that they commit. Thread-safe.
 */
public final class Progress {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

  private final String name;
  private final String group;
  private Admin admin;
  private Uuid known;
  private Uuid seen;
  private volatile Long silentSince; // null: the brokers have answered

  Progress(Settings settings) {
    this.name = Topics.changes(settings);
    this.group = settings.text("webhooks.kafka.prefix");
  }

  /** Asks by this connection, and takes note of the topic that there is. */
  synchronized void open(Admin connection) {
    admin = connection;
    isAnotherTopic();
    known = seen;
  }

  /**
   * Whether there is another topic than the one that was noted.
   *
   * @throws IllegalStateException when the brokers do not say so
   */
  public synchronized boolean isAnotherTopic() {
    seen = ask(admin.describeTopics(List.of(name)).allTopicNames()).get(name).topicId();
    return !seen.equals(known);
  }

  /** Takes note of it, when what was in the other one is queued again. */
  public synchronized void note() {
    LOG.warn("topic.another {} was made anew; all that it had is queued again", name);
    known = seen;
  }

  /** The id of the topic that was noted last. */
  public synchronized String topic() {
    return known.toString();
  }

  /**
   * The offsets up to which the consumers have settled the changes, by partition, as a JSON object.
   *
   * @throws IllegalStateException when the brokers do not answer
   */
  public synchronized String committed() {
    ObjectNode committed = JsonNodeFactory.instance.objectNode();
    ask(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
        .forEach(
            (partition, offset) -> {
              if (partition.topic().equals(name)
                  && offset != null
                  && offset.metadata().equals(topic())) {
                committed.put(Integer.toString(partition.partition()), offset.offset());
              }
            });
    return committed.toString();
  }

  /** For how long the brokers have not answered. It waits for nothing. */
  Duration silence() {
    Long since = silentSince;
    return since == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
  }

  private <T> T ask(Future<T> answer) {
    if (silentSince == null) {
      silentSince = System.nanoTime();
    }
    try {
      T answered = Topics.get(answer);
      silentSince = null;
      return answered;
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("Kafka does not answer: " + Topics.rootMessage(e), e);
    }
  }
}
