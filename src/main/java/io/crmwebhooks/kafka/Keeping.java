package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Outcomes that a read keeps by the ids of their deliveries, within an amount of memory. A batch
 * that is repeated after a crash records a success again: the first one counts. Used by one thread.
 */
final class Keeping {
  /** For one read, with what is made of it on the way to the database some four times as much. */
  static final long MOST = 4 << 20;

  /** An outcome takes that much beside its texts. */
  private static final int OVERHEAD = 1000;

  private final long most;
  private final TreeMap<String, ObjectNode> outcomes = new TreeMap<>();
  private final Map<String, Long> sizes = new HashMap<>();
  private final Set<String> left = new TreeSet<>();
  private long bytes;

  Keeping(long most) {
    this.most = most;
  }

  /**
   * @param size of its texts
   */
  void add(ObjectNode outcome, long size) {
    String id = outcome.path("id").asText();
    ObjectNode known = outcomes.get(id);
    if (left.contains(id) || known != null && attempts(known) >= attempts(outcome)) {
      return;
    }
    outcomes.put(id, outcome);
    Long before = sizes.put(id, size + OVERHEAD);
    bytes += size + OVERHEAD - (before == null ? 0 : before);
  }

  private static int attempts(ObjectNode outcome) {
    return outcome.path("attempts").asInt();
  }

  boolean isFull() {
    return bytes > most;
  }

  /** Lets go of the last ids for which there is no room, but not of the first one. */
  void letGo() {
    while (isFull() && outcomes.size() > 1) {
      String last = outcomes.pollLastEntry().getKey();
      bytes -= sizes.remove(last);
      left.add(last);
    }
  }

  Map<String, ObjectNode> outcomes() {
    return outcomes;
  }

  /** Those that it has let go of. */
  Set<String> left() {
    return left;
  }
}
