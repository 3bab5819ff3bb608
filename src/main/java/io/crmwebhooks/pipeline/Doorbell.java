package io.crmwebhooks.pipeline;

import static io.crmwebhooks.database.Sql.sql;

import io.crmwebhooks.database.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.apache.camel.Header;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the poll as soon as a change commits, through PostgreSQL's LISTEN on a connection that it
 * keeps. While many commit it wakes the poll by itself instead ({@link PollPace}). It only makes
 * things quicker: a notification that is lost costs one idle pause. A connection that breaks is
 * replaced after a while. One thread of its own. Thread-safe.
 *
 * <p>Source: https://jdbc.postgresql.org/documentation/server-prepare/#listen--notify
 */
public final class Doorbell implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Doorbell.class);
  private static final int WAIT_MILLIS = 500;
  private static final long PROBE_AFTER_NANOS = 2_000_000_000;
  private static final int PROBE_SECONDS = 5;
  private static final int PAUSE_MILLIS = 1000;

  private final DataSource dataSource;
  private final LongSupplier nanos;
  private final PollPace pace;
  private final Thread thread = new Thread(this::listen, "doorbell");
  private volatile Runnable wakePoll;
  private volatile boolean open = true;

  /**
   * @param nanos the time, of a clock that only goes forward
   */
  public Doorbell(DataSource dataSource, LongSupplier nanos) {
    this.dataSource = dataSource;
    this.nanos = nanos;
    this.pace = new PollPace(nanos, WAIT_MILLIS);
    thread.setDaemon(true);
  }

  /**
   * Begins to listen, and rings once.
   *
   * @param wakePoll is called for each ring
   */
  public void start(Runnable wakePoll) {
    this.wakePoll = wakePoll;
    thread.start();
  }

  /** Notes how many changes a claim has brought. */
  public void claimed(@Header("CamelJdbcRowCount") int changes) {
    pace.claimed(changes);
  }

  /** Returns when the connection has been given back. */
  @Override
  public void close() {
    open = false;
    thread.interrupt();
    try {
      thread.join(2 * WAIT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen() {
    while (open) {
      try (Connection connection = dataSource.getConnection()) {
        await(connection);
      } catch (SQLException | RuntimeException e) {
        if (open) {
          LOG.warn("doorbell.lost polling goes on by its idle pause error=\"{}\"", e.getMessage());
          pause();
        }
      }
    }
  }

  private void await(Connection connection) throws SQLException {
    PGConnection bell = connection.unwrap(PGConnection.class);
    Sql.rows(connection, sql("listen.sql"), Map.of());
    askToRing(connection, true);
    pace.begin();
    ring();
    long probed = nanos.getAsLong();
    while (open) {
      PGNotification[] heard = bell.getNotifications(pace.waitMillis());
      int rings = heard == null ? 0 : heard.length;
      if (rings > 0 || pace.isLooking()) {
        ring();
      }
      Boolean ask = pace.after(rings);
      if (ask != null) {
        askToRing(connection, ask);
      } else if (nanos.getAsLong() - probed > PROBE_AFTER_NANOS) {
        probe(connection);
        probed = nanos.getAsLong();
      }
    }
    Sql.rows(connection, sql("listen-no-more.sql"), Map.of());
  }

  private static void askToRing(Connection connection, boolean armed) throws SQLException {
    Sql.rows(connection, sql("arm-doorbell.sql"), Map.of("armed", armed));
  }

  /** Another process may have asked not to ring, and ended since. */
  private void probe(Connection connection) throws SQLException {
    if (!connection.isValid(PROBE_SECONDS)) {
      throw new SQLException("the connection does not answer");
    }
    if (!pace.isLooking()) {
      askToRing(connection, true);
    }
  }

  private void ring() {
    if (open) {
      wakePoll.run();
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
