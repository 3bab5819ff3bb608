package io.crmwebhooks.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/**
 * The messages that are settled and may be read again: those with one before them that is not, of
 * which a committed offset says nothing, and those whose commit the broker has not taken. Of one
 * consumer, and for its thread only.
 */
final class Settled {
  private final Map<TopicPartition, TreeSet<Long>> offsets = new HashMap<>();

  /** Notes one. */
  void add(TopicPartition partition, long offset) {
    offsets.computeIfAbsent(partition, each -> new TreeSet<>()).add(offset);
  }

  /** Forgets those that are never read again: those before a committed offset. */
  void forgetBefore(TopicPartition partition, long offset) {
    TreeSet<Long> known = offsets.get(partition);
    if (known != null) {
      known.headSet(offset).clear();
    }
  }

  /** Forgets those of partitions that others may have from now on. */
  void forget(Collection<TopicPartition> partitions) {
    offsets.keySet().removeAll(partitions);
  }

  boolean has(TopicPartition partition, long offset) {
    return offsets.containsKey(partition) && offsets.get(partition).contains(offset);
  }
}
