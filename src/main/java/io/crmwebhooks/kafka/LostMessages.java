package io.crmwebhooks.kafka;

import static io.crmwebhooks.database.Sql.sql;

import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The fate of changes whose messages the topic has lost before they were read, such as by its
 * retention: they are queued again. Thread-safe.
 */
final class LostMessages {
  private static final Logger LOG = LoggerFactory.getLogger(LostMessages.class);

  private static final long PAUSE_MILLIS = 1000;

  private final Sql sql;

  LostMessages(Sql sql) {
    this.sql = sql;
  }

  /**
   * Has a consumer read on where the topic begins, once what was lost unread is queued again. The
   * group gets the new place at once: as long as it has a later one of an older topic, new messages
   * look settled.
   *
   * @param topic the id of the topic that there is
   * @param wanted the first messages that were not read, where that is known
   * @return false: it could not be done
   */
  boolean goOnBehind(
      LogReader consumer,
      Set<TopicPartition> partitions,
      String topic,
      Map<TopicPartition, Long> wanted) {
    try {
      Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
      for (TopicPartition partition : partitions) {
        long first = wanted.getOrDefault(partition, 0L);
        long beginning = beginnings.get(partition);
        if (first > beginning) { // so it is behind the end, and the brokers have lost that
          queueAgain(partition, topic, 0, Long.MAX_VALUE);
        } else {
          queueAgain(partition, topic, first, beginning);
        }
      }
      consumer.commit(beginnings);
      beginnings.forEach(consumer::seek);
      return true;
    } catch (CommitFailedException | RebalanceInProgressException e) {
      LOG.debug("whoever gets the partitions looks at the gap", e);
    } catch (SQLException | KafkaException e) {
      LOG.warn("topic.gap is looked at again error=\"{}\"", e.getMessage());
      pause(PAUSE_MILLIS);
    }
    return false;
  }

  /** Does nothing when no claim had messages from {@code first} on, and before the beginning. */
  private void queueAgain(TopicPartition partition, String topic, long first, long beginning)
      throws SQLException {
    Map<String, Object> lost =
        Map.of(
            "partition", partition.partition(),
            "topic", topic,
            "first", first,
            "beginning", beginning);
    long returned = sql.row(sql("return-claims.sql"), lost).orElseThrow().path("returned").asLong();
    if (returned > 0) {
      LOG.warn(
          "topic.lost {} may lack messages from offset {} on that nobody has read; {} changes are queued again",
          partition,
          first,
          returned);
    }
  }

  /** Ends early, and with the mark of it, when its thread is interrupted. */
  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
