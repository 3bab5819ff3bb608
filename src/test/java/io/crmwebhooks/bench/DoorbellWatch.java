package io.crmwebhooks.bench;

import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** How much of the time writers were asked to ring. It looks ten times a second. */
final class DoorbellWatch implements AutoCloseable {
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final LongAdder looks = new LongAdder();
  private final LongAdder armed = new LongAdder();

  DoorbellWatch(BenchDatabase database) {
    thread.scheduleAtFixedRate(() -> look(database), 0, 100, TimeUnit.MILLISECONDS);
  }

  private void look(BenchDatabase database) {
    try {
      armed.add(database.count("webhooks.doorbell WHERE armed"));
      looks.increment();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  double armedPercent() {
    return 100.0 * armed.sum() / Math.max(1, looks.sum());
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
