package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

/**
 * Reads the topic of outcomes. Each read has a consumer of its own, which it closes. Messages with
 * the key of a change are in one partition, from its capture on. Thread-safe.
 */
public final class OutcomeTopic implements Delivered {
  private final String topic;
  private final Bounds bounds;
  private final TopicReads reads;
  private final Clock clock;

  /**
   * @param client the settings of Kafka's client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public OutcomeTopic(Map<String, Object> client, String topic, Bounds bounds, Clock clock) {
    this.topic = topic;
    this.bounds = bounds;
    this.reads = new TopicReads(client, topic, bounds);
    this.clock = clock;
  }

  @Override
  public boolean isElsewhere() {
    return true;
  }

  /**
   * When the first message that is left was written, in the partition where that is the youngest.
   * Where none is left, it may have been written just now.
   */
  @Override
  public Instant completeSince(String workspace) {
    return reads.read(
        workspace,
        read -> {
          Instant now = clock.instant();
          List<TopicPartition> partitions = read.partitions();
          Map<TopicPartition, Long> from = new HashMap<>(read.beginnings(partitions));
          from.values().removeIf(offset -> offset == 0);
          Map<TopicPartition, Long> to = new HashMap<>();
          Map<TopicPartition, Long> ends = read.ends(partitions);
          from.forEach((each, offset) -> to.put(each, Math.min(offset + 1, ends.get(each))));
          Set<TopicPartition> empty = new HashSet<>(from.keySet());
          Instant[] youngest = {from.isEmpty() ? null : Instant.EPOCH};
          Map<TopicPartition, Long> reached =
              read.forwards(
                  from,
                  to,
                  message -> {
                    empty.remove(new TopicPartition(message.topic(), message.partition()));
                    Instant time = Instant.ofEpochMilli(message.timestamp());
                    youngest[0] = time.isAfter(youngest[0]) ? time : youngest[0];
                    return true;
                  },
                  fraction -> {});
          if (!reached.equals(to)) {
            throw Problem.of(503, "Kafka took too long to answer; try again");
          }
          return empty.isEmpty() ? youngest[0] : now;
        });
  }

  @Override
  public Page page(Wanted wanted, String cursor, int limit) {
    return reads.readPatiently(
        wanted.workspace(), read -> new NewestFirst(read, wanted, bounds, cursor, limit).page());
  }

  @Override
  public Found ofChange(Place change, String workspace, String from) {
    Keeping found = new Keeping(Keeping.MOST);
    long[] begin = from == null ? null : Places.of(from);
    if (begin != null && begin.length != 1) {
      throw new IllegalArgumentException("not one place");
    }
    String next =
        reads.read(
            workspace,
            read -> {
              TopicPartition partition = partition(read, change);
              Map<TopicPartition, Long> start =
                  begin == null
                      ? read.at(List.of(partition), change.captured().minus(TopicRead.CLOCKS))
                      : Map.of(partition, begin[0]);
              Map<TopicPartition, Long> ends = read.ends(List.of(partition));
              Map<TopicPartition, Long> reached =
                  read.forwards(
                      start,
                      ends,
                      message -> {
                        OutcomeLine.Pair pair = OutcomeLine.pair(message.value());
                        if (pair != null && pair.change() == change.id()) {
                          keepShort(found, message.value());
                        }
                        return !found.isFull();
                      },
                      fraction -> {});
              long end = reached.get(partition);
              return end < ends.get(partition) ? Places.text(end) : null;
            });
    return new Found(found.outcomes().values(), next);
  }

  private static void keepShort(Keeping found, byte[] value) {
    ObjectNode outcome = OutcomeLine.parse(value);
    if (outcome != null) {
      outcome.remove(List.of("body", "history"));
      found.add(outcome, outcome.toString().length());
    }
  }

  @Override
  public Sought find(Map<String, Place> changes, String workspace) {
    Keeping found = new Keeping(Keeping.MOST);
    Set<Long> ids = new HashSet<>();
    changes.values().forEach(change -> ids.add(change.id()));
    TopicRead.Taker taker =
        message -> {
          OutcomeLine.Pair pair = OutcomeLine.pair(message.value());
          ObjectNode outcome =
              pair != null && ids.contains(pair.change())
                  ? OutcomeLine.parse(message.value())
                  : null;
          if (outcome != null && changes.containsKey(outcome.path("id").asText())) {
            found.add(outcome, message.value().length);
            found.letGo();
          }
          return true;
        };
    boolean whole =
        reads.read(
            workspace,
            read -> {
              Map<TopicPartition, Instant> times = new HashMap<>();
              for (Place change : changes.values()) {
                Instant time = change.captured().minus(TopicRead.CLOCKS);
                times.merge(partition(read, change), time, (a, b) -> a.isBefore(b) ? a : b);
              }
              Map<TopicPartition, Long> from = new HashMap<>();
              times.forEach((each, time) -> from.putAll(read.at(List.of(each), time)));
              Map<TopicPartition, Long> ends = read.ends(times.keySet());
              return read.forwards(from, ends, taker, fraction -> {}).equals(ends);
            });
    if (!whole && found.outcomes().size() + found.left().size() < changes.size()) {
      throw Problem.of(
          503,
          "it was not among the first outcomes after its change, and looking at all of them takes too long;"
              + " list the deliveries of a time range");
    }
    return new Sought(found.outcomes(), found.left());
  }

  @Override
  public Account account(String workspace) {
    return new TopicAccount(reads, bounds, workspace);
  }

  /** Where the writers put messages with the key of a change: the default of Kafka's client. */
  private TopicPartition partition(TopicRead read, Place change) {
    byte[] key = key(change).getBytes(StandardCharsets.UTF_8);
    int partitions = read.partitions().size();
    return new TopicPartition(topic, Utils.toPositive(Utils.murmur2(key)) % partitions);
  }

  /** The key of the messages about a record: all of them are in one partition, in order. */
  static String key(Place change) {
    return change.recordId() == null
        ? Long.toString(change.id())
        : change.workspace() + " " + change.object() + "." + change.recordId();
  }
}
