package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Delivery.Line;
import io.crmwebhooks.domain.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The deliveries of a batch that keep an order: which of them may go. In each line one is under way
 * at a time. Where one is not accepted, those after it wait, and are recorded as pending. Used
 * under the lock of its batch.
 */
final class Lines {
  private final Map<Line, Long> waitFrom = new HashMap<>();
  private final Map<Line, Delivery> underWay = new HashMap<>();
  private final Set<Line> refused = new HashSet<>();

  /** From this change on they wait, because that is pending. */
  void waitFrom(Line line, long changeId) {
    if (line != null) {
      waitFrom.merge(line, changeId, Math::min);
    }
  }

  /** Whether one must wait for an earlier one of its record. */
  boolean waits(Delivery delivery) {
    Line line = delivery.line();
    return line != null
        && (underWay.containsKey(line)
            || waitFrom.getOrDefault(line, Long.MAX_VALUE) <= delivery.change().getId());
  }

  /** Nothing of the line is sent from here any more. */
  void refuse(Line line) {
    if (line != null) {
      refused.add(line);
    }
  }

  /** All of them are to be sent; false: one waits, or its line is refused. */
  boolean start(List<Delivery> deliveries) {
    for (Delivery delivery : deliveries) {
      if (waits(delivery) || refused.contains(delivery.line())) {
        return false;
      }
    }
    for (Delivery delivery : deliveries) {
      if (delivery.line() != null) {
        underWay.put(delivery.line(), delivery); // the last one of those that go together
      }
    }
    return true;
  }

  /** It has ended, or is put off. */
  void end(Outcome outcome) {
    Line line = outcome.delivery().line();
    if (line == null) {
      return;
    }
    underWay.remove(line, outcome.delivery());
    if (!outcome.letsPass()) {
      waitFrom(line, outcome.delivery().change().getId());
    }
  }

  /**
   * Keeps, of the changes that go back onto the queue, those that have a later one of their line
   * recorded: that would be sent first.
   *
   * @param owed by their changes
   * @param returned is changed
   */
  static void keepTogether(List<Delivery> owed, Set<Long> returned) {
    Set<Line> recorded = new HashSet<>();
    for (int last = owed.size(); last > 0; ) {
      long change = owed.get(last - 1).change().getId();
      int first = last;
      boolean isAhead = false;
      while (first > 0 && owed.get(first - 1).change().getId() == change) {
        first--;
        isAhead |= recorded.contains(owed.get(first).line());
      }
      if (isAhead) {
        returned.remove(change);
      }
      if (!returned.contains(change)) {
        owed.subList(first, last).forEach(delivery -> recorded.add(delivery.line()));
        recorded.remove(null); // those that wait for nobody
      }
      last = first;
    }
  }
}
