package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Delivery.Line;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Post;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The deliveries of a batch, with what has become of each. Used under the lock of its {@link
 * Batch}.
 */
final class Ledger {
  private final List<Delivery> owed = new ArrayList<>();
  private final List<Delivery> unsent = new ArrayList<>();
  private final Set<Delivery> started = new HashSet<>();
  private final List<Delivery> sent = new ArrayList<>();
  private final Set<Delivery> deferred = new HashSet<>();
  private final Set<Delivery> gathered = new HashSet<>();
  private final Map<Delivery, Outcome> outcomes = new HashMap<>();
  private final Lines order = new Lines();
  private final Map<Line, Long> held = new HashMap<>(); // by a dead letter of this change

  /**
   * The recorded parts of a batch.
   *
   * @param outcomes of the deliveries of all changes that leave the queue, by their changes
   * @param returned changes of which no delivery was even begun; they go back onto the queue
   */
  record Closed(List<Outcome> outcomes, Set<Long> returned) {}

  void owe(Delivery delivery) {
    boolean isUnsendable = delivery.problem() != null;
    (delivery.isShadow() || delivery.isLeftOut() || isUnsendable ? unsent : owed).add(delivery);
    if (isUnsendable && delivery.line() != null && !Outcome.unsent(delivery).letsPass()) {
      held.merge(delivery.line(), changeId(delivery), Math::min);
      order.waitFrom(delivery.line(), changeId(delivery));
    }
  }

  /** How many it records, whether they are sent or not. */
  int size() {
    return owed.size() + unsent.size();
  }

  /** Those that may be sent, by their changes: a slow step lets the changes behind it overtake. */
  List<Delivery> owed() {
    return owed.stream().sorted(Comparator.comparingLong(Ledger::changeId)).toList();
  }

  /** All of them, also those that are only recorded. */
  List<Delivery> all() {
    return Stream.concat(owed.stream(), unsent.stream()).toList();
  }

  /** The lines that it has deliveries of. */
  Set<Line> lines() {
    return owed.stream()
        .map(Delivery::line)
        .filter(Objects::nonNull)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Whether and where those of a line wait. */
  Lines order() {
    return order;
  }

  /** The changes that it owes to lines. */
  Set<Long> changesInLine() {
    return owed.stream()
        .filter(delivery -> delivery.line() != null)
        .map(Ledger::changeId)
        .collect(Collectors.toSet());
  }

  /**
   * Takes out what is owed of changes that are given back, and of the later ones of their records,
   * which would else be sent first.
   *
   * @param changes of the batch, the oldest first
   * @param givenBack takes the ids of the later ones as well
   */
  void giveBack(List<Change> changes, Set<Long> givenBack) {
    if (givenBack.isEmpty()) {
      return;
    }
    Set<List<String>> records = new HashSet<>();
    Set<Long> later = new HashSet<>();
    for (Change change : changes) {
      if (change.getRecordId() != null && change.problem() == null) {
        List<String> of = List.of(change.getWorkspace(), change.getObject(), change.getRecordId());
        if (givenBack.contains(change.getId())) {
          records.add(of);
        } else if (records.contains(of)) {
          later.add(change.getId());
        }
      }
    }
    all().stream().map(Ledger::changeId).filter(later::contains).forEach(givenBack::add);
    owed.removeIf(delivery -> givenBack.contains(changeId(delivery)));
    unsent.removeIf(delivery -> givenBack.contains(changeId(delivery)));
  }

  /** Notes that one is being sent; false: it is or was already, or waits for another one. */
  boolean start(Delivery delivery) {
    List<Delivery> parts = delivery.parts();
    if (started.contains(parts.get(0)) || !order.start(parts)) {
      return false;
    }
    sent.add(delivery);
    started.addAll(parts);
    return true;
  }

  void end(Outcome outcome) {
    for (Outcome each : outcome.each()) {
      outcomes.put(each.delivery(), each);
      order.end(each);
    }
  }

  /** Notes that one cannot be sent now. */
  void defer(Delivery delivery) {
    for (Delivery each : delivery.parts()) {
      deferred.add(each);
      order.waitFrom(each.line(), changeId(each));
    }
  }

  /** Notes that one waits for others, to be sent with them. */
  void gather(Delivery delivery) {
    gathered.add(delivery);
    defer(delivery);
  }

  /**
   * A delivery without those parts that wait for an earlier one of their record, which are put off.
   * Null: nothing is left.
   */
  Delivery ready(Delivery delivery) {
    List<Delivery> ready = new ArrayList<>();
    for (Delivery each : delivery.parts()) {
      if (order.waits(each)) {
        defer(each);
      } else {
        ready.add(each);
      }
    }
    return ready.size() == delivery.parts().size()
        ? delivery
        : ready.isEmpty() ? null : Post.of(ready);
  }

  /** Notes that one will not be sent at all. */
  void cancel(Delivery delivery, String reason) {
    for (Delivery each : delivery.parts()) {
      deferred.add(each);
      end(Outcome.cancelled(each, reason));
    }
  }

  /** Those that have been started and have no outcome yet. */
  List<Delivery> unanswered() {
    return sent.stream()
        .filter(delivery -> !outcomes.containsKey(delivery.parts().get(0)))
        .toList();
  }

  /**
   * Ends it. One without an outcome is pending: due after the lease if it is being sent, else at
   * once, or when an earlier one of its line has ended.
   */
  Closed close(Duration lease, Set<Long> givenBack) {
    Set<Long> returned = owed.stream().map(Ledger::changeId).collect(Collectors.toSet());
    Stream.concat(started.stream(), deferred.stream())
        .map(Ledger::changeId)
        .forEach(returned::remove);
    List<Delivery> byChange = owed();
    Lines.keepTogether(byChange, returned);
    returned.addAll(givenBack);
    Map<Delivery, Outcome> known = new HashMap<>(outcomes);
    unanswered().stream()
        .flatMap(delivery -> Outcome.unanswered(delivery, lease).each().stream())
        .forEach(outcome -> known.put(outcome.delivery(), outcome));
    List<Outcome> recorded = new ArrayList<>();
    Set<Line> pending = new HashSet<>();
    for (Delivery delivery : byChange) {
      if (!returned.contains(changeId(delivery))) {
        Outcome outcome = known.get(delivery);
        outcome = outcome == null ? unbegun(delivery, pending) : outcome;
        recorded.add(outcome);
        if (delivery.line() != null && !outcome.letsPass()) {
          pending.add(delivery.line());
        }
      }
    }
    unsent.stream()
        .filter(delivery -> !returned.contains(changeId(delivery)))
        .forEach(delivery -> recorded.add(Outcome.unsent(delivery)));
    return new Closed(recorded, returned);
  }

  private Outcome unbegun(Delivery delivery, Set<Line> pending) {
    if (gathered.contains(delivery)) {
      return Outcome.waiting(delivery, delivery.webhook().limits().batching().patience());
    }
    boolean waits =
        pending.contains(delivery.line())
            || held.getOrDefault(delivery.line(), Long.MAX_VALUE) < changeId(delivery);
    return waits ? Outcome.asleep(delivery) : Outcome.owed(delivery);
  }

  private static long changeId(Delivery delivery) {
    return delivery.change().getId();
  }
}
