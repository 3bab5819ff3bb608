package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Takes what is to become of each change that goes through the customise route. Each change has one
 * verdict: the first counts, and what a step says that comes to its end after it does not.
 * Thread-safe.
 */
public final class Verdicts {
  private final Runnable moved;
  private final BiConsumer<Change, String> parkedListener;
  private final Set<Long> settled = new HashSet<>();
  private final Map<Long, String> parked = new LinkedHashMap<>();
  private final List<Long> dropped = new ArrayList<>();
  private final Set<Long> givenBack = new HashSet<>();

  /**
   * @param moved is called whenever a change gets further
   * @param parkedListener takes each change that is set aside, with the reason
   */
  Verdicts(Runnable moved, BiConsumer<Change, String> parkedListener) {
    this.moved = moved;
    this.parkedListener = parkedListener;
  }

  /** A change is in its steps, for no longer than it may be. */
  void moves() {
    moved.run();
  }

  /** Whether a change has its verdict. */
  synchronized boolean isSettled(Change change) {
    return settled.contains(change.getId());
  }

  /** Notes that a change has a verdict; says whether that is its first. */
  synchronized boolean settle(Change change) {
    moved.run();
    return settled.add(change.getId());
  }

  /** The change cannot be sent. */
  void park(Change change, String reason) {
    synchronized (this) {
      if (!settle(change)) {
        return;
      }
      parked.put(change.getId(), reason);
    }
    parkedListener.accept(change, reason);
  }

  /** The change is sent to nobody. */
  synchronized void drop(Change change) {
    if (settle(change)) {
      dropped.add(change.getId());
    }
  }

  /** Nothing was begun with the change, and nothing will be for now. */
  synchronized void giveBack(Change change) {
    if (settle(change)) {
      givenBack.add(change.getId());
    }
  }

  /** The reason of each change that was parked, in their order. */
  synchronized Map<Long, String> parked() {
    return new LinkedHashMap<>(parked);
  }

  synchronized List<Long> dropped() {
    return List.copyOf(dropped);
  }

  synchronized Set<Long> givenBack() {
    return Set.copyOf(givenBack);
  }
}
