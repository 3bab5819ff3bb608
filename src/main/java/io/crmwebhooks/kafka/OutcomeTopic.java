package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topic of outcomes. Each read has a consumer of its own, which it closes. Messages with
 * the key of a change are in one partition, from its capture on. Thread-safe.
 */
public final class OutcomeTopic implements Delivered {
  private static final Logger LOG = LoggerFactory.getLogger(OutcomeTopic.class);

  /** The clocks of PostgreSQL and of the processes differ by no more. */
  private static final Duration CLOCKS = Duration.ofMinutes(1);

  private final Map<String, Object> client;
  private final String topic;
  private final Bounds bounds;
  private final Semaphore reads;
  private final Semaphore accounts = new Semaphore(1);

  /**
   * @param client the settings of Kafka's client, {@code bootstrap.servers} among them
   * @param topic its name
   */
  public OutcomeTopic(Map<String, Object> client, String topic, Bounds bounds) {
    this.client = Map.copyOf(client);
    this.topic = topic;
    this.bounds = bounds;
    this.reads = new Semaphore(bounds.reads());
  }

  @Override
  public boolean isElsewhere() {
    return true;
  }

  /**
   * When the first message that is left was written, in the partition where that is the youngest.
   */
  @Override
  public Instant completeSince() {
    return reading(
        read -> {
          List<TopicPartition> partitions = read.partitions();
          Map<TopicPartition, Long> from = new HashMap<>(read.beginnings(partitions));
          from.values().removeIf(offset -> offset == 0);
          Map<TopicPartition, Long> to = new HashMap<>();
          Map<TopicPartition, Long> ends = read.ends(partitions);
          from.forEach((each, offset) -> to.put(each, Math.min(offset + 1, ends.get(each))));
          Instant[] youngest = {from.isEmpty() ? null : Instant.EPOCH};
          read.forwards(
              from,
              to,
              message -> {
                Instant time = Instant.ofEpochMilli(message.timestamp());
                youngest[0] = time.isAfter(youngest[0]) ? time : youngest[0];
                return true;
              },
              fraction -> {});
          return youngest[0];
        });
  }

  @Override
  public Page page(Wanted wanted, String cursor, int limit) {
    return patiently(read -> new NewestFirst(read, wanted, bounds, cursor, limit).page());
  }

  @Override
  public Found ofChange(Place change, String from) {
    Map<String, ObjectNode> found = new LinkedHashMap<>();
    long[] begin = from == null ? null : Places.of(from);
    if (begin != null && begin.length != 1) {
      throw new IllegalArgumentException("not one place");
    }
    String next =
        reading(
            read -> {
              TopicPartition partition = partition(read, change);
              Map<TopicPartition, Long> start =
                  begin == null
                      ? read.at(List.of(partition), change.captured().minus(CLOCKS))
                      : Map.of(partition, begin[0]);
              Map<TopicPartition, Long> ends = read.ends(List.of(partition));
              Map<TopicPartition, Long> reached =
                  read.forwards(
                      start,
                      ends,
                      message -> {
                        OutcomeLine.Pair pair = OutcomeLine.pair(message.value());
                        if (pair != null && pair.change() == change.id()) {
                          keep(found, OutcomeLine.parse(message.value()));
                        }
                        return true;
                      },
                      fraction -> {});
              long end = reached.get(partition);
              return end < ends.get(partition) ? Places.text(end) : null;
            });
    return new Found(found.values(), next);
  }

  /** A batch that is repeated after a crash records a success again: the first one counts. */
  private static void keep(Map<String, ObjectNode> found, ObjectNode outcome) {
    if (outcome != null) {
      found.merge(outcome.path("id").asText(), outcome, OutcomeTopic::later);
    }
  }

  private static ObjectNode later(ObjectNode known, ObjectNode other) {
    return other.path("attempts").asInt() > known.path("attempts").asInt() ? other : known;
  }

  @Override
  public Map<String, ObjectNode> find(Map<String, Place> changes) {
    Map<String, ObjectNode> found = new TreeMap<>();
    Set<Long> ids = new HashSet<>();
    changes.values().forEach(change -> ids.add(change.id()));
    TopicRead.Taker taker =
        message -> {
          OutcomeLine.Pair pair = OutcomeLine.pair(message.value());
          if (pair != null && ids.contains(pair.change())) {
            keep(found, OutcomeLine.parse(message.value()));
          }
          return true;
        };
    boolean whole =
        reading(
            read -> {
              Map<TopicPartition, Instant> times = new HashMap<>();
              for (Place change : changes.values()) {
                Instant time = change.captured().minus(CLOCKS);
                times.merge(partition(read, change), time, (a, b) -> a.isBefore(b) ? a : b);
              }
              Map<TopicPartition, Long> from = new HashMap<>();
              times.forEach((each, time) -> from.putAll(read.at(List.of(each), time)));
              Map<TopicPartition, Long> ends = read.ends(times.keySet());
              return read.forwards(from, ends, taker, fraction -> {}).equals(ends);
            });
    found.keySet().retainAll(changes.keySet());
    if (!whole && found.size() < changes.size()) {
      throw Problem.of(
          503,
          "it was not among the first outcomes after its change, and looking at all of them takes too long;"
              + " list the deliveries of a time range");
    }
    return found;
  }

  @Override
  public Pairs pairs(
      Set<UUID> webhooks, long first, long last, Instant since, DoubleConsumer progress) {
    TopicPairs pairs =
        new TopicPairs(
            new PairMap(bounds.bytes(), last),
            webhooks,
            first,
            (from, taker, told) -> accounting(since, from, taker, told));
    pairs.read(progress);
    return pairs;
  }

  private TopicPairs.Reading accounting(
      Instant since,
      Map<TopicPartition, Long> from,
      TopicRead.Taker taker,
      DoubleConsumer progress) {
    return with(
        accounts,
        Long.MAX_VALUE,
        bounds.accountTime(),
        read -> {
          List<TopicPartition> partitions = read.partitions();
          Map<TopicPartition, Long> start =
              from == null ? read.at(partitions, since.minus(CLOCKS)) : from;
          Map<TopicPartition, Long> ends = read.ends(start.keySet());
          Map<TopicPartition, Long> reached = read.forwards(start, ends, taker, progress);
          return new TopicPairs.Reading(reached, reached.equals(ends));
        });
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

  private <T> T reading(Function<TopicRead, T> work) {
    return with(reads, bounds.records(), bounds.time(), work);
  }

  /** As {@link #reading}, of work that looks at the bounds by itself, between its steps. */
  private <T> T patiently(Function<TopicRead, T> work) {
    return with(reads, Long.MAX_VALUE, bounds.time().multipliedBy(3), work);
  }

  private <T> T with(Semaphore slots, long records, Duration time, Function<TopicRead, T> work) {
    acquire(slots);
    try (TopicRead read = new TopicRead(client, topic, records, time)) {
      return work.apply(read);
    } catch (KafkaException e) {
      LOG.warn("outcomes.unread topic={} error=\"{}\"", topic, e.getMessage());
      throw Problem.of(503, "Kafka does not answer now; try again");
    } finally {
      slots.release();
    }
  }

  private void acquire(Semaphore slots) {
    try {
      if (slots.tryAcquire(bounds.time().toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw Problem.of(503, "others are reading the topic of outcomes; try again");
  }
}
