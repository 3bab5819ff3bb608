package io.crmwebhooks.api;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what is in progress, up to a limit. Thread-safe. */
final class Slots {
  private final int limit;
  private final AtomicInteger taken = new AtomicInteger();

  Slots(int limit) {
    this.limit = limit;
  }

  /** One of them, to be given back by running it; empty when none is free. */
  Optional<Runnable> take() {
    if (taken.incrementAndGet() > limit) {
      taken.decrementAndGet();
      return Optional.empty();
    }
    AtomicBoolean held = new AtomicBoolean(true);
    return Optional.of(
        () -> {
          if (held.getAndSet(false)) {
            taken.decrementAndGet();
          }
        });
  }
}
