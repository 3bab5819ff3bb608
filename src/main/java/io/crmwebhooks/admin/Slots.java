package io.crmwebhooks.admin;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts what is in progress, up to a limit, of which no workspace takes all. Thread-safe. */
public final class Slots {
  private final int limit;
  private final Map<String, Integer> taken = new HashMap<>();
  private int all;

  public Slots(int limit) {
    this.limit = limit;
  }

  /**
   * One of them, to be given back by running it; empty when none is free.
   *
   * @param workspace gets half of them at most; null: all
   */
  synchronized Optional<Runnable> take(String workspace) {
    int most = workspace == null ? limit : Math.max(1, limit / 2);
    if (all >= limit || workspace != null && taken.getOrDefault(workspace, 0) >= most) {
      return Optional.empty();
    }
    all++;
    if (workspace != null) {
      taken.merge(workspace, 1, Integer::sum);
    }
    AtomicBoolean held = new AtomicBoolean(true);
    return Optional.of(
        () -> {
          if (held.getAndSet(false)) {
            give(workspace);
          }
        });
  }

  /** As {@link #take(String)}, and waits for one that is given back. */
  public synchronized Optional<Runnable> take(String workspace, Duration patience)
      throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    Optional<Runnable> place = take(workspace);
    while (place.isEmpty()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return place;
      }
      wait(left);
      place = take(workspace);
    }
    return place;
  }

  private synchronized void give(String workspace) {
    all--;
    notifyAll();
    if (workspace != null) {
      taken.computeIfPresent(workspace, (name, count) -> count == 1 ? null : count - 1);
    }
  }
}
