package io.crmwebhooks.poll;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.apache.camel.ProducerTemplate;
import org.postgresql.PGConnection;
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
  private static final int PROBE_MILLIS = 10_000;
  private static final int PAUSE_MILLIS = 1000;

  private final DataSource dataSource;
  private final ProducerTemplate producer;
  private final String target;
  private final Thread thread = new Thread(this::listen, "doorbell");
  private volatile boolean open = true;
  private volatile Connection listening;

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

  @Override
  public void close() {
    open = false;
    thread.interrupt();
    Connection last = listening;
    if (last != null) {
      try {
        last.abort(Runnable::run); // waiting for notifications takes no notice of an interrupt
      } catch (SQLException e) {
        LOG.debug("the doorbell's connection was closed already", e);
      }
    }
  }

  private void listen() {
    while (open) {
      try (Connection connection = dataSource.getConnection()) {
        listening = connection;
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
      while (open) {
        var rings = bell.getNotifications(PROBE_MILLIS);
        if (rings != null && rings.length > 0) {
          ring();
        } else {
          statement.execute("SELECT 1"); // is the connection still there?
        }
      }
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
