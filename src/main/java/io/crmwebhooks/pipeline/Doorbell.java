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
 * keeps. It only makes things quicker: a notification that is lost costs one idle pause. A
 * connection that breaks is replaced after a while. One thread of its own. Writers ring only when
 * they are asked to ({@link #afterClaim}). Thread-safe.
 *
 * <p>Source: https://jdbc.postgresql.org/documentation/server-prepare/#listen--notify
 */
public final class Doorbell implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Doorbell.class);
  private static final int WAIT_MILLIS = 500;
  private static final int PROBE_AFTER_WAITS = 20;
  private static final int PROBE_SECONDS = 5;
  private static final int PAUSE_MILLIS = 1000;
  private static final long BUSY_AFTER_NANOS = 50_000_000;
  private static final long SAY_AGAIN_AFTER_NANOS = 1_000_000_000;

  private final DataSource dataSource;
  private final LongSupplier nanos;
  private final Thread thread = new Thread(this::listen, "doorbell");
  private volatile Runnable wakePoll;
  private volatile boolean open = true;
  private long idleAt;
  private long saidAt;
  private Boolean said;

  /**
   * @param nanos the time, of a clock that only goes forward
   */
  public Doorbell(DataSource dataSource, LongSupplier nanos) {
    this.dataSource = dataSource;
    this.nanos = nanos;
    this.idleAt = nanos.getAsLong();
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

  /**
   * Decides after each claim whether writers ring: yes when the claim brought nothing, no when all
   * claims have brought changes for a while.
   *
   * @param claimed changes
   * @return the message; null when it was said recently. It is repeated after a while, since other
   *     processes share the doorbell
   */
  public synchronized Boolean afterClaim(@Header("CamelJdbcRowCount") int claimed) {
    long now = nanos.getAsLong();
    if (claimed == 0) {
      idleAt = now;
    } else if (now - idleAt < BUSY_AFTER_NANOS) {
      return null;
    }
    boolean armed = claimed == 0;
    if (said != null && said == armed && now - saidAt < SAY_AGAIN_AFTER_NANOS) {
      return null;
    }
    said = armed;
    saidAt = now;
    return armed;
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
    ring();
    for (int waits = 1; open; waits++) {
      PGNotification[] rings = bell.getNotifications(WAIT_MILLIS);
      if (rings != null && rings.length > 0) {
        ring();
      } else if (waits % PROBE_AFTER_WAITS == 0 && !connection.isValid(PROBE_SECONDS)) {
        throw new SQLException("the connection does not answer");
      }
    }
    Sql.rows(connection, sql("listen-no-more.sql"), Map.of());
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
