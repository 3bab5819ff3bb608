package io.crmwebhooks.kafka;

import static io.crmwebhooks.database.Sql.sql;

import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of changes whose messages the topic has lost before they were read, such as by its
 * retention: they are queued again. Thread-safe.
 */
final class LostMessages {
  private static final Logger LOG = LoggerFactory.getLogger(LostMessages.class);

  private final Sql sql;

  LostMessages(Sql sql) {
    this.sql = sql;
  }

  /**
   * @param first the first lost offset
   * @param next the one after the last lost one
   */
  void queueAgain(TopicPartition partition, long first, long next) throws SQLException {
    Map<String, Object> lost =
        Map.of("partition", partition.partition(), "first", first, "next", next);
    long returned =
        sql.row(sql("return-forwarded.sql"), lost).orElseThrow().path("returned").asLong();
    LOG.warn(
        "topic.lost {} has no longer the messages from offset {} on that were not read; {} changes are queued again",
        partition,
        first,
        returned);
  }
}
