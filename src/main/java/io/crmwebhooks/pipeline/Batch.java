package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.pipeline.Claims.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A claimed batch of changes on its way through the routes: the deliveries that it owes, and their
 * outcomes as they come in. It is recorded once, with what is known by then: {@link #close} says it
 * all. An outcome that comes after that is kept until the batch stands in the database, when {@link
 * #recorded} hands it back. After that none is taken. Thread-safe.
 */
public final class Batch {
  private enum State {
    OPEN,
    CLOSED,
    RECORDED
  }

  private final List<Change> changes;
  private final Claim claim;
  private final Verdicts verdicts;
  private final List<Delivery> owed = new ArrayList<>();
  private final List<Delivery> inOrder = new ArrayList<>();
  private final List<Delivery> unsent = new ArrayList<>();
  private boolean inOrderWritten;
  private final Set<Delivery> started = new HashSet<>();
  private final Set<Delivery> deferred = new HashSet<>();
  private final Map<Delivery, Outcome> outcomes = new HashMap<>();
  private final List<Outcome> late = new ArrayList<>();
  private State state = State.OPEN;
  private int quickLanes;
  private long sendUntilNanos = System.nanoTime() + Long.MAX_VALUE / 2;

  /**
   * @param claim that it is worked on under
   * @param news takes the changes that are set aside
   */
  Batch(List<Change> changes, Claim claim, News news) {
    this.changes = List.copyOf(changes);
    this.claim = claim;
    this.verdicts =
        new Verdicts(
            claim::moved, (change, reason) -> news.tell(News.PARKED, null, change + ": " + reason));
  }

  public List<Change> changes() {
    return changes;
  }

  Claim claim() {
    return claim;
  }

  /** The verdicts on its changes. */
  Verdicts verdicts() {
    return verdicts;
  }

  /** Owes a change to each webhook that wants it, which may be none. */
  synchronized void owe(Change change, List<Delivery> deliveries) {
    if (verdicts.settle(change)) {
      deliveries.forEach(delivery -> listFor(delivery).add(delivery));
    }
  }

  private List<Delivery> listFor(Delivery delivery) {
    if (delivery.isShadow() || delivery.isLeftOut()) {
      return unsent;
    }
    return delivery.isInOrder() ? inOrder : owed;
  }

  /** How many deliveries it records, whether they are sent from here or not. */
  synchronized int size() {
    return owed.size() + inOrder.size() + unsent.size();
  }

  /** The deliveries that keep an order. They are recorded beforehand and not sent from here. */
  synchronized List<Delivery> inOrder() {
    return byChange(inOrder);
  }

  /** Notes that these stand in the database; else they are recorded with the rest. */
  synchronized void writtenInOrder() {
    inOrderWritten = true;
  }

  /** The deliveries that may be sent from here. */
  synchronized List<Delivery> owed() {
    return byChange(owed);
  }

  /** All of them, also those that are only recorded. */
  synchronized List<Delivery> all() {
    return Stream.of(owed, inOrder, unsent).flatMap(List::stream).toList();
  }

  /** A slow step lets the changes behind it overtake. */
  private static List<Delivery> byChange(List<Delivery> deliveries) {
    return deliveries.stream()
        .sorted(Comparator.comparingLong(delivery -> delivery.change().getId()))
        .toList();
  }

  /** Says how many lanes to quick webhooks it is sent in. */
  synchronized void plan(int quickLanes) {
    this.quickLanes = quickLanes;
  }

  /**
   * Notes that one of these has ended.
   *
   * @return whether it was the last
   */
  synchronized boolean endQuickLane() {
    return --quickLanes == 0;
  }

  /** Says how long deliveries may be started, should nobody close the batch in time. */
  synchronized void sendFor(Duration patience) {
    claim.moved();
    sendUntilNanos = System.nanoTime() + patience.toNanos();
  }

  /**
   * Asks whether a delivery of this batch may be sent now, and notes that it is.
   *
   * @return false when the batch has been closed, its time is over, or others may have taken it
   */
  synchronized boolean start(Delivery delivery) {
    return state == State.OPEN
        && System.nanoTime() - sendUntilNanos < 0
        && claim.isHeld()
        && started.add(delivery);
  }

  /**
   * Takes the outcome of a started delivery.
   *
   * @return false when this batch has been recorded and the outcome must be recorded on its own
   */
  synchronized boolean accept(Outcome outcome) {
    switch (state) {
      case OPEN -> outcomes.put(outcome.delivery(), outcome);
      case CLOSED -> late.add(outcome);
      case RECORDED -> {
        return false;
      }
    }
    return true;
  }

  /** Notes that its webhook cannot take a delivery now, so that nobody waits for it. */
  synchronized void defer(Delivery delivery) {
    deferred.add(delivery);
  }

  /** Notes that a delivery will not be sent at all, since its webhook is gone. */
  synchronized void cancel(Delivery delivery, String reason) {
    deferred.add(delivery);
    outcomes.put(delivery, Outcome.cancelled(delivery, reason));
  }

  /**
   * The recorded parts of a batch.
   *
   * @param outcomes of the deliveries of all changes that leave the queue
   * @param returned changes of which no delivery was even begun; they go back onto the queue
   */
  record Closed(List<Outcome> outcomes, Set<Long> returned) {}

  /**
   * Ends the collecting. A delivery without an outcome is pending: due after the lease if it is
   * being sent, else at once.
   *
   * @param lease how long a delivery that is being sent is left to its sender
   */
  synchronized Closed close(Duration lease) {
    state = State.CLOSED;
    Set<Long> returned =
        owed.stream().map(Batch::changeId).collect(Collectors.toCollection(HashSet::new));
    Stream.concat(started.stream(), deferred.stream())
        .map(Batch::changeId)
        .forEach(returned::remove);
    returned.addAll(verdicts.givenBack());
    List<Outcome> recorded = new ArrayList<>();
    for (Delivery delivery : owed) {
      if (!returned.contains(changeId(delivery))) {
        Outcome known = outcomes.get(delivery);
        recorded.add(known != null ? known : withoutOutcome(delivery, lease));
      }
    }
    if (!inOrderWritten) {
      inOrder.forEach(delivery -> recorded.add(Outcome.owed(delivery)));
    }
    unsent.stream()
        .filter(delivery -> !returned.contains(changeId(delivery)))
        .forEach(delivery -> recorded.add(Outcome.unsent(delivery)));
    return new Closed(recorded, returned);
  }

  private Outcome withoutOutcome(Delivery delivery, Duration lease) {
    return started.contains(delivery)
        ? Outcome.unanswered(delivery, lease)
        : Outcome.owed(delivery);
  }

  private static long changeId(Delivery delivery) {
    return delivery.change().getId();
  }

  /** The deliveries that have been started and have no outcome yet. */
  synchronized List<Delivery> unanswered() {
    return started.stream().filter(delivery -> !outcomes.containsKey(delivery)).toList();
  }

  /**
   * Notes that the batch stands in the database, and hands back the outcomes that came in
   * meanwhile.
   */
  synchronized List<Outcome> recorded() {
    state = State.RECORDED;
    return List.copyOf(late);
  }
}
