package io.crmwebhooks.faults;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * People at work in a CRM: they commit changes, each with a number of its own, in transactions of
 * many sizes side by side, and go on whatever becomes of the database. Each changes records of its
 * own, so that a record's numbers rise in the order of their commits. Thread-safe.
 */
final class Crm implements AutoCloseable {
  private static final int WRITERS = 2;
  private static final int LARGEST = 200;
  private static final String INSERT =
      """
      INSERT INTO webhooks.change (event, record_id, record)
      SELECT 'person.created', record, CAST(format('{"n":%s,"of":"%s","name":"Zoë"}', n, record) AS json)
      FROM generate_series(CAST(? AS integer), CAST(? AS integer)) n
      CROSS JOIN LATERAL (SELECT format('%s-%s', ?, n % 100) AS record) r
      ORDER BY n""";

  private final DataSource dataSource;
  private final int rate;
  private final AtomicInteger last = new AtomicInteger();
  private final BitSet acknowledged = new BitSet();
  private final List<Thread> writers = new ArrayList<>();
  private boolean atWork;
  private int writing;
  private volatile boolean closed;

  /**
   * @param rate changes a second, all writers together
   */
  Crm(DataSource dataSource, int rate, long seed) {
    this.dataSource = dataSource;
    this.rate = rate;
    for (int i = 0; i < WRITERS; i++) {
      String name = "writer" + i;
      Random random = new Random(seed + i);
      Thread writer = new Thread(() -> write(name, random), "crm");
      writer.setDaemon(true);
      writer.start();
      writers.add(writer);
    }
  }

  synchronized void goToWork() {
    atWork = true;
    notifyAll();
  }

  /** Returns when nobody writes any more. */
  synchronized void goHome() throws InterruptedException {
    atWork = false;
    while (writing > 0) {
      wait();
    }
  }

  /** The numbers whose commit was confirmed; those of which that is not known are not in it. */
  synchronized BitSet acknowledged() {
    return (BitSet) acknowledged.clone();
  }

  private void write(String writer, Random random) {
    while (!closed) {
      int size = 1 + random.nextInt(LARGEST);
      if (begin()) {
        try {
          transaction(writer, size);
        } catch (SQLException e) {
          // whether it was committed is for the table to say
        } finally {
          end();
        }
      }
      LockSupport.parkNanos(1_000_000_000L * WRITERS * size / rate);
    }
  }

  private synchronized boolean begin() {
    try {
      while (!atWork && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      return false;
    }
    writing++;
    return true;
  }

  private synchronized void end() {
    writing--;
    notifyAll();
  }

  private void transaction(String writer, int size) throws SQLException {
    int to = last.addAndGet(size);
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setInt(1, to - size + 1);
      insert.setInt(2, to);
      insert.setString(3, writer);
      insert.executeUpdate();
    }
    synchronized (this) {
      acknowledged.set(to - size + 1, to + 1);
    }
  }

  @Override
  public void close() {
    closed = true;
    writers.forEach(Thread::interrupt);
  }
}
