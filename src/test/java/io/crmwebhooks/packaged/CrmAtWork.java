package io.crmwebhooks.packaged;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * Writers of changes. Each change has a number of its own in its record, and is of one of a few
 * records that its writer alone changes, so that a record's numbers rise in the order of their
 * commits. Two connections work side by side in transactions of many sizes, so that ids commit out
 * of order; some roll back. They write only as many changes as they are granted, and then hold
 * their transactions open.
 */
public final class CrmAtWork implements AutoCloseable {
  private static final int WRITERS = 2;
  private static final int LARGEST_TRANSACTION = 60;
  private static final int RECORDS = 100; // of each writer
  private static final String INSERT =
      "INSERT INTO webhooks.change (event, record_id, record) VALUES ('person.created', ?, CAST(? AS json))";

  private final DataSource dataSource;
  private final Semaphore granted = new Semaphore(0);
  private final AtomicInteger lastNumber = new AtomicInteger();
  private final Set<Integer> committed = new TreeSet<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
  private final List<Future<Void>> writers;
  private int rolledBack;

  /**
   * @param changes to commit in all
   */
  public CrmAtWork(DataSource dataSource, int changes, long seed) {
    this.dataSource = dataSource;
    writers =
        IntStream.range(0, WRITERS)
            .mapToObj(i -> threads.submit(writer(i, changes / WRITERS, new Random(seed + i))))
            .toList();
  }

  /** The most changes that wait in open transactions when all that was granted is written. */
  public static int mostOpen() {
    return WRITERS * LARGEST_TRANSACTION;
  }

  public void grant(int changes) {
    granted.release(changes);
  }

  private Callable<Void> writer(int writer, int changes, Random random) {
    return () -> {
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        for (int left = changes; left > 0; ) {
          int size = Math.min(left, 1 + random.nextInt(LARGEST_TRANSACTION));
          boolean commit = random.nextInt(10) > 0;
          transaction(connection, writer, size, commit);
          left -= commit ? size : 0;
        }
        return null;
      }
    };
  }

  private void transaction(Connection connection, int writer, int size, boolean commit)
      throws SQLException, InterruptedException {
    Set<Integer> written = new TreeSet<>();
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      while (written.size() < size) {
        if (commit) {
          granted.acquire();
        }
        int number = lastNumber.incrementAndGet();
        String record = writer + "-" + number % RECORDS;
        insert.setString(1, record);
        insert.setString(
            2, "{\"n\":%d,\"of\":\"%s\",\"name\":\"Zoë %1$d\"}".formatted(number, record));
        insert.executeUpdate();
        written.add(number);
      }
    }
    if (commit) {
      connection.commit();
    } else {
      connection.rollback();
    }
    note(written, commit);
  }

  private synchronized void note(Set<Integer> written, boolean commit) {
    if (commit) {
      committed.addAll(written);
    } else {
      rolledBack += written.size();
    }
  }

  /** Waits for the last commit; everything must have been granted. */
  public void finish() throws Exception {
    for (Future<Void> writer : writers) {
      writer.get(60, TimeUnit.SECONDS);
    }
  }

  /** The numbers of the committed changes. */
  public synchronized Set<Integer> committed() {
    return Set.copyOf(committed);
  }

  public synchronized int rolledBack() {
    return rolledBack;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
