package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads a page of a topic from its end towards its beginning. A consumer reads forwards only, so it
 * takes a block of each partition at a time, the last one first, and of what is in them always the
 * newest. Blocks grow while little in them is wanted. A page ends when it is full, all is read, or
 * the read may go on no longer. Its cursor has the place in each partition, so nothing is left out
 * or comes twice however the messages are spread. Used for one page.
 */
final class NewestFirst {
  private static final int LEAST = 16;
  private static final int MOST = 20_000;
  private static final int GROWTH = 4;
  private static final long MOST_BYTES = 4 << 20;

  private final TopicRead read;
  private final Delivered.Wanted wanted;
  private final Bounds bounds;
  private final long end;
  private final int limit;
  private final List<Part> parts = new ArrayList<>();
  private long kept;

  /** An outcome that is wanted, without what no row shows. */
  private record Kept(long offset, long time, byte[] value) {
    private static final List<String> LONG = List.of("body", "history");

    static Kept of(ConsumerRecord<byte[], byte[]> message, ObjectNode outcome) {
      boolean isShort = LONG.stream().noneMatch(outcome::has);
      return new Kept(
          message.offset(),
          message.timestamp(),
          isShort ? message.value() : Json.bytes(outcome.remove(LONG)));
    }
  }

  /** A partition: what is left to look at is before {@code end}. */
  private static final class Part {
    final TopicPartition partition;
    final long start;
    final Deque<Kept> found = new ArrayDeque<>();
    long end;
    int block;
    boolean cut;

    Part(TopicPartition partition, long start, long end, int block) {
      this.partition = partition;
      this.start = start;
      this.end = Math.max(start, end);
      this.block = block;
    }

    /** The messages before this one are left, and those that were found and not taken. */
    long place() {
      return found.isEmpty() ? end : found.peekLast().offset() + 1;
    }

    boolean isOver() {
      return found.isEmpty() && end == start;
    }
  }

  /**
   * @param bounds after which no further block is begun
   * @param cursor of the page before; null: it is the first
   * @throws IllegalArgumentException when the cursor is none
   */
  NewestFirst(TopicRead read, Delivered.Wanted wanted, Bounds bounds, String cursor, int limit) {
    this.read = read;
    this.wanted = wanted;
    this.bounds = bounds;
    this.limit = limit;
    this.end = System.nanoTime() + bounds.time().toNanos();
    List<TopicPartition> partitions = read.partitions();
    Map<TopicPartition, Long> starts = read.at(partitions, wanted.since());
    Map<TopicPartition, Long> ends = read.at(partitions, wanted.until());
    long[] places = cursor == null ? new long[0] : Places.of(cursor);
    int block = Math.max(LEAST, 2 * limit / partitions.size());
    for (int i = 0; i < partitions.size(); i++) {
      TopicPartition partition = partitions.get(i);
      long end = i < places.length ? Math.min(places[i], ends.get(partition)) : ends.get(partition);
      parts.add(new Part(partition, starts.get(partition), end, block));
    }
  }

  Delivered.Page page() {
    List<Delivered.Row> rows = new ArrayList<>();
    while (rows.size() < limit) {
      List<Part> empty =
          parts.stream().filter(part -> part.found.isEmpty() && part.end > part.start).toList();
      if (!empty.isEmpty()) {
        if (read.count() >= bounds.records() || System.nanoTime() - end >= 0) {
          break;
        }
        fill(empty);
        continue;
      }
      Optional<Part> newest =
          parts.stream()
              .filter(part -> !part.found.isEmpty())
              .max((a, b) -> Long.compare(time(a), time(b)));
      if (newest.isEmpty()) {
        return new Delivered.Page(rows, null);
      }
      byte[] value = newest.get().found.removeLast().value();
      kept -= value.length;
      ObjectNode outcome = OutcomeLine.parse(value);
      rows.add(new Delivered.Row(outcome, cursor()));
    }
    boolean over = parts.stream().allMatch(Part::isOver);
    return new Delivered.Page(rows, over ? null : cursor());
  }

  private static long time(Part part) {
    return part.found.peekLast().time();
  }

  /** Reads the last block of each. */
  private void fill(List<Part> some) {
    Map<TopicPartition, Part> byPartition = new HashMap<>();
    Map<TopicPartition, Long> from = new HashMap<>();
    Map<TopicPartition, Long> to = new HashMap<>();
    for (Part part : some) {
      int size = Math.max(LEAST, Math.min(part.block, MOST / some.size()));
      byPartition.put(part.partition, part);
      from.put(part.partition, Math.max(part.start, part.end - size));
      to.put(part.partition, part.end);
      part.block = Math.min(MOST, part.block * GROWTH);
      part.cut = false;
    }
    Map<TopicPartition, Long> reached =
        read.forwards(
            from,
            to,
            message -> {
              ObjectNode outcome =
                  isInTime(message) ? OutcomeLine.wanted(message.value(), wanted) : null;
              if (outcome != null) {
                keep(
                    byPartition.get(new TopicPartition(message.topic(), message.partition())),
                    Kept.of(message, outcome));
              }
              return true;
            },
            fraction -> {});
    if (!reached.equals(to)) {
      throw Problem.of(503, "Kafka took too long to answer; ask again, or for less");
    }
    for (Part part : some) {
      part.end = part.cut ? part.found.peekFirst().offset() : from.get(part.partition);
    }
  }

  /** Those that are too many for the page, or for the memory, are read again later. */
  private void keep(Part part, Kept outcome) {
    part.found.add(outcome);
    kept += outcome.value().length;
    while (part.found.size() > limit || kept > MOST_BYTES && part.found.size() > 1) {
      kept -= part.found.removeFirst().value().length;
      part.cut = true;
    }
  }

  /** Messages of a partition may be in another order than their times. */
  private boolean isInTime(ConsumerRecord<byte[], byte[]> message) {
    return message.timestamp() >= wanted.since().toEpochMilli()
        && message.timestamp() < wanted.until().toEpochMilli();
  }

  private String cursor() {
    return Places.text(parts.stream().mapToLong(Part::place).toArray());
  }
}
