package io.crmwebhooks.bench;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Changes that come all the time, a few a second, each committed on its own. */
final class Trickle implements AutoCloseable {
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final ScheduledFuture<?> changing;

  private Trickle(BenchDatabase database, int rate) {
    changing =
        thread.scheduleAtFixedRate(
            () -> change(database), 0, 1_000_000 / rate, TimeUnit.MICROSECONDS);
  }

  static Trickle start(BenchDatabase database, int rate) {
    return new Trickle(database, rate);
  }

  private static void change(BenchDatabase database) {
    try {
      database.changes(1);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Fails when no change has come since something went wrong. */
  void requireAlive() {
    if (changing.isDone()) {
      throw new IllegalStateException("changes have stopped coming");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
