package io.crmwebhooks.pipeline;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.apache.camel.ProducerTemplate;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the poll as soon as a change commits, through PostgreSQL's LISTEN on a connection that it
 * keeps. It only makes things quicker: a notification that is lost costs one idle pause. A
 * connection that breaks is replaced after a while. One thread of its own.
 *
 * <p>Source: https://jdbc.postgresql.org/documentation/server-prepare/#listen--notify
 */
public final class Doorbell implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Doorbell.class);
  private static final int WAIT_MILLIS = 500;
  private static final int PROBE_AFTER_WAITS = 20;
  private static final int PAUSE_MILLIS = 1000;

  private final DataSource dataSource;
  private final ProducerTemplate producer;
  private final String target;
  private final Thread thread = new Thread(this::listen, "doorbell");
  private volatile boolean open = true;

  /**
   * @param target the endpoint that gets an empty message for each ring
   */
  public Doorbell(DataSource dataSource, ProducerTemplate producer, String target) {
    this.dataSource = dataSource;
    this.producer = producer;
    this.target = target;
    thread.setDaemon(true);
  }

  /** Begins to listen, and rings once. */
  public void start() {
    thread.start();
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
    try (Statement statement = connection.createStatement()) {
      statement.execute("LISTEN webhooks_change");
      ring();
      for (int waits = 1; open; waits++) {
        PGNotification[] rings = bell.getNotifications(WAIT_MILLIS);
        if (rings != null && rings.length > 0) {
          ring();
        } else if (waits % PROBE_AFTER_WAITS == 0) {
          statement.execute("SELECT 1"); // is the connection still there?
        }
      }
      statement.execute("UNLISTEN *");
    }
  }

  private void ring() {
    if (open) {
      producer.sendBody(target, null);
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
