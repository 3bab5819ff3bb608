package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Delivery.Line;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.pipeline.Claims.Claim;
import io.crmwebhooks.pipeline.Ledger.Closed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A batch of changes on its way through the routes: the deliveries that it owes, and their outcomes
 * as they come in. It is settled once, with what is known by then: {@link #close} says it all. An
 * outcome that comes after that is kept until the batch stands in the database, when {@link
 * #recorded} hands it back. After that none is taken. Thread-safe.
 */
public final class Batch {
  private enum State {
    OPEN,
    CLOSED,
    RECORDED
  }

  /** The things that its claim keeps from others, beside its changes. */
  enum Hold {
    NOTHING,
    /** The partitions of its changes in the queue, until it is settled, or before. */
    PARTITIONS,
    /** All that follows in the partitions of a log, until it is settled. */
    LOG
  }

  private final List<Change> changes;
  private final Claim claim;
  private final Hold hold;
  private final Verdicts verdicts;
  private final Ledger ledger = new Ledger();
  private final Set<Long> givenBack = new HashSet<>();
  private final List<Outcome> late = new ArrayList<>();
  private final Settlement settlement;
  private Set<Long> returned = Set.of();
  private Subscriptions.Snapshot webhooks;
  private State state = State.OPEN;
  private long sendUntilNanos = System.nanoTime() + Long.MAX_VALUE / 2;
  private long sendInOrderUntilNanos = sendUntilNanos;

  /**
   * @param claim that it is worked on under
   * @param news takes the changes that are set aside
   */
  Batch(List<Change> changes, Claim claim, Hold hold, News news) {
    this.changes = List.copyOf(changes);
    this.claim = claim;
    this.hold = hold;
    this.settlement = new Settlement(claim, hold != Hold.NOTHING);
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

  /** The webhooks that all of its changes are owed to: those that are served at the first one. */
  synchronized Subscriptions.Snapshot webhooks(Subscriptions subscriptions) {
    if (webhooks == null) {
      webhooks = subscriptions.now();
    }
    return webhooks;
  }

  /** Owes a change to each webhook that wants it, which may be none. */
  synchronized void owe(Change change, List<Delivery> deliveries) {
    if (verdicts.settle(change)) {
      deliveries.forEach(ledger::owe);
    }
  }

  /** How many deliveries it records, whether they are sent from here or not. */
  synchronized int size() {
    return ledger.size();
  }

  /** The deliveries that may be sent from here. */
  synchronized List<Delivery> owed() {
    return ledger.owed();
  }

  /** All of them, also those that are only recorded. */
  synchronized List<Delivery> all() {
    return ledger.all();
  }

  /** The lines that it has deliveries of. */
  synchronized Set<Line> lines() {
    return ledger.lines();
  }

  /** Notes that a line waits from a change on, because that is pending. */
  synchronized void waitFrom(Line line, long changeId) {
    ledger.order().waitFrom(line, changeId);
  }

  /**
   * A delivery without those parts that have to wait for an earlier one of their record, which are
   * put off. Null: nothing is left.
   */
  synchronized Delivery ready(Delivery delivery) {
    return ledger.ready(delivery);
  }

  /**
   * Begins the sending: each change has its verdict. Deliveries may be started for this long,
   * should nobody close the batch in time. Those of a line may not as long: the last one has its
   * answer by then, and the next batch goes on with the line.
   */
  synchronized void sendFor(Duration patience) {
    claim.moved();
    long now = System.nanoTime();
    sendUntilNanos = now + patience.toNanos();
    sendInOrderUntilNanos = now + patience.toNanos() * 4 / 5;
    givenBack.addAll(verdicts.givenBack());
    if (hold == Hold.NOTHING) { // so later changes may be at work beside it
      givenBack.addAll(ledger.changesInLine());
    }
    ledger.giveBack(changes, givenBack);
    if (hold == Hold.LOG || !ledger.lines().isEmpty() || !givenBack.isEmpty()) {
      settlement.keepOrder();
    }
  }

  /**
   * Asks whether a delivery of this batch may be sent now, and notes that it is.
   *
   * @return false when it waits for another one, the batch has been closed, its time is over, or
   *     others may have taken it; then those behind it in its line do not start either
   */
  synchronized boolean start(Delivery delivery) {
    long until = delivery.line() == null ? sendUntilNanos : sendInOrderUntilNanos;
    if (state == State.OPEN && System.nanoTime() - until < 0 && claim.isHeld()) {
      return ledger.start(delivery);
    }
    delivery.parts().forEach(each -> ledger.order().refuse(each.line()));
    return false;
  }

  /**
   * Takes the outcome of a started delivery.
   *
   * @return false when this batch has been recorded and the outcome must be recorded on its own
   */
  synchronized boolean accept(Outcome outcome) {
    switch (state) {
      case OPEN -> ledger.end(outcome);
      case CLOSED -> late.add(outcome);
      case RECORDED -> {
        return false;
      }
    }
    return true;
  }

  /** Notes that its webhook cannot take a delivery now, so that nobody waits for it. */
  synchronized void defer(Delivery delivery) {
    ledger.defer(delivery);
  }

  /** Notes that a delivery waits for others, to be sent with them. */
  synchronized void gather(Delivery delivery) {
    ledger.gather(delivery);
  }

  /** Notes that a delivery will not be sent at all, since its webhook is gone. */
  synchronized void cancel(Delivery delivery, String reason) {
    ledger.cancel(delivery, reason);
  }

  /**
   * Ends the collecting. A delivery without an outcome is pending.
   *
   * @param lease how long a delivery that is being sent is left to its sender
   */
  synchronized Closed close(Duration lease) {
    state = State.CLOSED;
    givenBack.addAll(verdicts.givenBack());
    Closed closed = ledger.close(lease, givenBack);
    returned = closed.returned();
    return closed;
  }

  /** Whether its changes stay in a log until they are settled, so that none goes onto the queue. */
  boolean isOfLog() {
    return hold == Hold.LOG;
  }

  /** The deliveries that have been started and have no outcome yet. */
  synchronized List<Delivery> unanswered() {
    return ledger.unanswered();
  }

  /**
   * Notes that the batch stands in the database, and hands back the outcomes that came in
   * meanwhile.
   */
  synchronized List<Outcome> recorded() {
    state = State.RECORDED;
    settlement.done(returned);
    return List.copyOf(late);
  }

  /** When it is settled, and the end of that. */
  Settlement settlement() {
    return settlement;
  }
}
