package io.crmwebhooks.kafka;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Moves a consumer of the topic of changes. For the thread that reads with it. */
interface LogReader {
  /** The offsets of the first messages that there are. */
  Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions);

  /** Reads on from there. */
  void seek(TopicPartition partition, long offset);

  /** Makes these the places of the group, and waits for the broker. */
  void commit(Map<TopicPartition, Long> next);
}
