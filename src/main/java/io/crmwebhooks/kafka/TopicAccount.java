package io.crmwebhooks.kafka;

import io.crmwebhooks.admin.Delivered;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * An account, which keeps its place while its pairs take memory, also between its reads. All of
 * them together have the time of one account. Used by one thread.
 */
final class TopicAccount implements Delivered.Account {
  private static final Duration LEAST = Duration.ofMillis(100);

  private final TopicReads reads;
  private final long bytes;
  private final Runnable place;
  private Duration left;

  /**
   * @param workspace that asks; null: all
   */
  TopicAccount(TopicReads reads, Bounds bounds, String workspace) {
    this.reads = reads;
    this.bytes = bounds.bytes();
    this.left = workspace == null ? bounds.accountTime() : bounds.workspaceTime();
    this.place = reads.account(workspace);
  }

  @Override
  public Delivered.Pairs pairs(
      Set<UUID> webhooks, long first, long last, Instant since, DoubleConsumer progress) {
    TopicPairs pairs =
        new TopicPairs(
            new PairMap(bytes, last),
            webhooks,
            first,
            (from, taker, told) -> read(since, from, taker, told));
    pairs.read(progress);
    return pairs;
  }

  private TopicPairs.Reading read(
      Instant since,
      Map<TopicPartition, Long> from,
      TopicRead.Taker taker,
      DoubleConsumer progress) {
    if (left.compareTo(LEAST) < 0) {
      return new TopicPairs.Reading(from, false);
    }
    long begin = System.nanoTime();
    try {
      return reads.read(
          Long.MAX_VALUE,
          left,
          read -> {
            List<TopicPartition> partitions = read.partitions();
            Map<TopicPartition, Long> start =
                from == null ? read.at(partitions, since.minus(TopicRead.CLOCKS)) : from;
            Map<TopicPartition, Long> ends = read.ends(start.keySet());
            Map<TopicPartition, Long> reached = read.forwards(start, ends, taker, progress);
            return new TopicPairs.Reading(reached, reached.equals(ends));
          });
    } finally {
      left = left.minusNanos(System.nanoTime() - begin);
    }
  }

  @Override
  public void close() {
    place.run();
  }
}
