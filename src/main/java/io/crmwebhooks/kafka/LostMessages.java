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
 * What becomes of changes whose messages the topic has lost before they were read, such as by its
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
   * Has a consumer read on where the topic begins, once what was not read is queued again. The
   * group gets the new place at once: as long as it has a later one of an older topic, new messages
   * look settled.
   *
   * @param wanted the first messages that were not read, where that is known
   * @return false: it could not be done
   */
  boolean goOnBehind(
      LogReader consumer, Set<TopicPartition> partitions, Map<TopicPartition, Long> wanted) {
    try {
      Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
      for (TopicPartition partition : partitions) {
        long first = wanted.getOrDefault(partition, 0L);
        boolean isBehindTheEnd = first > beginnings.get(partition); // so it is of another topic
        queueAgain(partition, isBehindTheEnd ? 0 : first);
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

  /**
   * @param first the offset of the first message that is lost; those behind it count for nothing
   */
  private void queueAgain(TopicPartition partition, long first) throws SQLException {
    Map<String, Object> lost = Map.of("partition", partition.partition(), "first", first);
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
