package io.crmwebhooks.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * (c) Changes at a steady rate, each committed on its own, and how long each takes from its commit
 * to the receiver.
 */
final class Steady {
  private static final int SECONDS = 30;
  private static final String OLD = "webhooks.change WHERE occurred_at < now() - interval '1 day'";
  private static final String INSERT =
      "INSERT INTO webhooks.change (event, record_id, record) VALUES ('person.created', ?, CAST(? AS json))";

  private final Run run;
  private final int rate;
  private final int writers;
  private final int changes;
  private final long[] committedMicros;

  /**
   * @param rate changes a second
   * @param writers connections that share the work
   */
  Steady(Run run, int rate, int writers) {
    this.run = run;
    this.rate = rate;
    this.writers = writers;
    this.changes = Math.max(5 * rate, run.size(SECONDS * rate));
    this.committedMicros = new long[changes];
  }

  void measure() throws Exception {
    run.database.webhook(run.url("/steady"), "*.*");
    run.startWarm();
    run.warmUp(changes, this::write);
    measure("(c) steady %,d/s".formatted(rate));
  }

  /** As {@link #measure}, while changes that were delivered long ago are removed. */
  void measureWhilePurging() throws Exception {
    int old = run.size(1_000_000);
    run.database.webhook(run.url("/steady"), "*.*");
    Backlog.ofOldDeliveries(run.database, old);
    run.startWarm(); // it begins to look for old rows when it starts, and the warm-up is over
    // before that is
    long before = run.database.count(OLD);
    measure("(c) steady %,d/s while purging".formatted(rate));
    System.out.printf("%,d old changes before, %,d after%n", before, run.database.count(OLD));
  }

  /** As {@link #measure()}, to webhooks and with a program that are there and warm. */
  void measure(String name) throws Exception {
    Measure measure;
    try (DoorbellWatch watch = new DoorbellWatch(run.database)) {
      measure = run.measure(name, changes, this::write);
      System.out.printf("writers were asked to ring %.0f %% of the time%n", watch.armedPercent());
    }
    long[] arrived = run.arrivals(changes);
    run.add(
        measure.withLatencies(
            IntStream.range(0, changes)
                .filter(i -> arrived[i] > 0)
                .mapToDouble(i -> Math.max(0, arrived[i] - committedMicros[i]) / 1000.0)
                .toArray()));
  }

  private void write() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        all.add(threads.submit(writer(i)));
      }
      for (Future<Void> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Writes every so manieth change at its time, or at once when that is past. */
  private Callable<Void> writer(int first) {
    return () -> {
      long start = System.nanoTime();
      try (Connection connection = run.database.connect();
          PreparedStatement insert = connection.prepareStatement(INSERT)) {
        for (int i = first; i < changes; i += writers) {
          LockSupport.parkNanos(start + i * (1_000_000_000L / rate) - System.nanoTime());
          String number = Integer.toString(i + 1);
          insert.setString(1, number);
          insert.setString(2, BenchDatabase.RECORD.replace("%1$s", number));
          insert.executeUpdate();
          committedMicros[i] = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        }
      }
      return null;
    };
  }
}
