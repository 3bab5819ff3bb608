package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.Problem;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleConsumer;
import org.apache.kafka.common.TopicPartition;

/** The pairs of a range of changes, as far as the topic has been read. Used by one thread. */
final class TopicPairs implements Delivered.Pairs {
  private final PairMap pairs;
  private final Set<UUID> webhooks;
  private final long first;
  private final Reader reader;
  private Map<TopicPartition, Long> reached;

  /** Reads on, with a consumer of its own for each time. */
  interface Reader {
    /**
     * @param from null: from the first that may be of the range
     * @return where it ended: at the ends of the partitions, or before them when its time was over
     */
    Reading read(Map<TopicPartition, Long> from, TopicRead.Taker taker, DoubleConsumer progress);
  }

  /**
   * @param reached where it ended
   * @param whole whether that is the end of the topic, as it was when the read began
   */
  record Reading(Map<TopicPartition, Long> reached, boolean whole) {}

  /**
   * @param pairs that are filled
   * @param first only changes after this one
   */
  TopicPairs(PairMap pairs, Set<UUID> webhooks, long first, Reader reader) {
    this.pairs = pairs;
    this.webhooks = webhooks;
    this.first = first;
    this.reader = reader;
  }

  /**
   * Reads up to the end of the topic, as it is at the beginning of the call.
   *
   * @throws Problem 503 when its time was over before
   */
  void read(DoubleConsumer progress) {
    Reading reading =
        reader.read(
            reached,
            message -> {
              OutcomeLine.Pair pair = OutcomeLine.pair(message.value());
              if (pair != null && pair.change() > first && webhooks.contains(pair.webhook())) {
                pairs.add(pair.change(), pair.webhook());
              }
              return true;
            },
            progress);
    if (!reading.whole()) {
      throw Problem.of(503, "reading the topic of outcomes took too long; ask for a shorter range");
    }
    reached = reading.reached();
  }

  @Override
  public long upto() {
    return pairs.upto();
  }

  @Override
  public ArrayNode blocks(long after, long upto) {
    return pairs.blocks(after, upto);
  }

  @Override
  public boolean has(UUID webhook, long change) {
    return pairs.has(webhook, change);
  }

  /**
   * Lets go of nothing that it had said to know of.
   *
   * @throws Problem 503 when that would take too much memory
   */
  @Override
  public void readOn() {
    long known = pairs.upto();
    pairs.takeAll();
    read(fraction -> {});
    if (pairs.upto() < known) {
      throw Problem.of(503, "too much is recorded meanwhile; ask for a shorter range");
    }
  }
}
