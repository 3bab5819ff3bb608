package io.crmwebhooks.jq;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Map;

/**
 * Counts the steps of one run, and the sizes of what it makes. A unit is a step, a value, or four
 * characters. Of the thread of the run.
 */
final class Meter {
  private static final int DEEPEST = 300;
  private static final long UNITS = 20_000;
  private static final int TIMES_THE_INPUT = 10;

  private static final ThreadLocal<Meter> RUNNING = new ThreadLocal<>();

  private final long most;
  private long left;

  /** A program may do a fixed amount, and some more for a large input. */
  private Meter(JsonNode input) {
    most = UNITS + TIMES_THE_INPUT * weigh(input, Long.MAX_VALUE, 0);
    left = most;
  }

  /** Begins a run on this thread, which {@link #end} must follow. */
  static void begin(JsonNode input) {
    RUNNING.set(new Meter(input));
  }

  static void end() {
    RUNNING.remove();
  }

  /** The one of the run on this thread. */
  static Meter running() {
    return RUNNING.get();
  }

  /**
   * Takes units.
   *
   * @throws ProgramException when they are used up
   */
  void charge(long units) {
    if (units > left) {
      left = 0;
      throw new ProgramException("does more than a program may (%d steps)".formatted(most));
    }
    left -= units;
  }

  /** The size of a value; of one that is larger than what is left only that it is. */
  long weigh(JsonNode value) {
    return weigh(value, left, 0);
  }

  private static long weigh(JsonNode value, long most, int depth) {
    if (value == null) {
      return 1;
    }
    if (value.isTextual()) {
      return weigh(value.textValue());
    }
    if (!value.isContainerNode()) {
      return 1;
    }
    if (depth == DEEPEST) {
      throw new ProgramException("nests values more than %d levels deep".formatted(DEEPEST));
    }
    long sum = 1;
    if (value.isObject()) {
      Iterator<Map.Entry<String, JsonNode>> fields = value.fields();
      while (fields.hasNext() && sum <= most) {
        Map.Entry<String, JsonNode> field = fields.next();
        sum += weigh(field.getKey()) + weigh(field.getValue(), most - sum, depth + 1);
      }
    } else {
      for (int i = 0; i < value.size() && sum <= most; i++) {
        sum += weigh(value.get(i), most - sum, depth + 1);
      }
    }
    return sum;
  }

  private static long weigh(String text) {
    return 1 + text.length() / 4;
  }
}
