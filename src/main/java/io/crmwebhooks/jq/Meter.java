package io.crmwebhooks.jq;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Map;

/**
 * Counts the steps of one run, and the parts of what it goes through: values, and each four
 * characters. A unit is a step, or some parts. Of the thread of the run.
 */
final class Meter {
  private static final int DEEPEST = 300;
  private static final long UNITS = 20_000;
  private static final int TIMES_THE_INPUT = 10;

  /** However large the input is. */
  private static final long MOST = 400_000;

  /** Parts that are copied in the time of a step. */
  private static final int COPIED = 16;

  private static final ThreadLocal<Meter> RUNNING = new ThreadLocal<>();

  /** How the parts of a value are paid. */
  enum Price {
    /** Nobody goes through them. */
    STEP,

    /** Likewise, but the library takes several steps. */
    STEPS,

    /** They are copied or written, at many parts a unit. */
    COPY,

    /** They are compared, sorted or taken apart, at a unit each. */
    WORK
  }

  private final Allowance together = Allowance.current();
  private final long own;
  private final long most;
  private long left;

  /** A program may do a fixed amount, and some more for a large input, up to a bound. */
  private Meter(JsonNode input) {
    own = Math.min(MOST, UNITS + TIMES_THE_INPUT * weigh(input, MOST / TIMES_THE_INPUT, 0));
    most = together == null ? own : Math.min(own, together.forOne());
    left = most;
  }

  /** Begins a run on this thread, which {@link #end} must follow. */
  static void begin(JsonNode input) {
    RUNNING.set(new Meter(input));
  }

  static void end() {
    Meter ended = RUNNING.get();
    RUNNING.remove();
    if (ended.together != null) {
      ended.together.take(ended.most - ended.left);
    }
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
      throw new ProgramException(
          most == own
              ? "does more than a program may (%d steps)".formatted(most)
              : "does more than the programs before it have left (%d steps)".formatted(most));
    }
    left -= units;
  }

  /** The units of the parts of a value; where they are more than are left only that they are. */
  long weigh(JsonNode value, Price price) {
    return switch (price) {
      case STEP -> 1;
      case STEPS -> 4;
      case COPY -> 1 + weigh(value, left * COPIED, 0) / COPIED;
      case WORK -> weigh(value, left, 0);
    };
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
