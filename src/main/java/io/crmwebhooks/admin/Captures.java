package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import io.crmwebhooks.database.Sql;
import io.crmwebhooks.settings.StartupException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The capture triggers of a database, by the SQL functions {@code webhooks.capture} and {@code
 * webhooks.release}. Names are as spelled in the database, without quotes.
 *
 * <p>A try to lock the table ends within half a second, since all writers wait behind it. It is
 * repeated for a while. So nothing waits any longer after a try that gave up.
 */
public final class Captures {
  private static final String INSTALL =
      "SELECT webhooks.capture(format('%I.%I', ?, ?)::regclass, ?, ?, ?)";
  private static final String REMOVE =
      "SELECT CASE WHEN webhooks.forget_capture(?, ?) THEN true"
          + " ELSE webhooks.release(format('%I.%I', ?, ?)::regclass) END";
  private static final String LIST =
      "SELECT schema, name, object, workspace, ignored, problem FROM webhooks.captured_table ORDER BY schema, name";

  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(1500);

  /**
   * A table whose changes are captured, or should be, and how its events are named.
   *
   * @param problem why it is not captured as it should be; null: it is
   */
  public record CapturedTable(
      String schema,
      String name,
      String object,
      String workspace,
      List<String> ignored,
      String problem) {}

  private final DataSource dataSource;
  private final Duration patience;

  public Captures(DataSource dataSource) {
    this(dataSource, PATIENCE);
  }

  /**
   * @param patience for how long a table that is held is tried again
   */
  public Captures(DataSource dataSource, Duration patience) {
    this.dataSource = dataSource;
    this.patience = patience;
  }

  /**
   * @return whether this changed anything
   * @throws StartupException when the table cannot be captured, saying why
   */
  public boolean install(
      String schema, String table, String object, String workspace, List<String> ignored) {
    return untilLocked(
        "capture",
        schema,
        table,
        () -> {
          try (Connection connection = dataSource.getConnection();
              PreparedStatement statement = connection.prepareStatement(INSTALL)) {
            statement.setString(1, schema);
            statement.setString(2, table);
            statement.setString(3, object);
            statement.setString(4, workspace);
            statement.setArray(5, connection.createArrayOf("text", ignored.toArray()));
            return isTrue(statement);
          }
        });
  }

  /**
   * @return whether the table was captured
   * @throws StartupException when there is no such table, or it belongs to somebody else
   */
  public boolean remove(String schema, String table) {
    return untilLocked(
        "release",
        schema,
        table,
        () -> {
          try (Connection connection = dataSource.getConnection();
              PreparedStatement statement = connection.prepareStatement(REMOVE)) {
            statement.setString(1, schema);
            statement.setString(2, table);
            statement.setString(3, schema);
            statement.setString(4, table);
            return isTrue(statement);
          }
        });
  }

  private interface Try {
    boolean make() throws SQLException;
  }

  private boolean untilLocked(String what, String schema, String table, Try once) {
    long giveUp = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return once.make();
      } catch (SQLException e) {
        if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
          throw explained(what, schema, table, e);
        }
        if (System.nanoTime() > giveUp) {
          throw new StartupException(
              "cannot %s %s.%s: the table is held by %s; nothing waits for it now, try again later"
                  .formatted(what, schema, table, lockers(what, schema, table)),
              e);
        }
      }
      pause();
    }
  }

  private String lockers(String what, String schema, String table) {
    try {
      return new Sql(dataSource)
              .rows(
                  sql("show-lockers.sql"),
                  Map.of("schema", schema, "table", table, "readersToo", what.equals("release")))
              .stream()
              .map(row -> row.path("locker").asText())
              .reduce((one, other) -> one + ", " + other)
              .orElse("somebody who has just let go of it");
    } catch (SQLException e) {
      return "somebody who cannot be named: " + message(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while a table was held", e);
    }
  }

  public List<CapturedTable> list() {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(LIST);
        ResultSet row = statement.executeQuery()) {
      List<CapturedTable> tables = new ArrayList<>();
      while (row.next()) {
        tables.add(
            new CapturedTable(
                row.getString("schema"),
                row.getString("name"),
                row.getString("object"),
                row.getString("workspace"),
                texts(row.getArray("ignored")),
                row.getString("problem")));
      }
      return tables;
    } catch (SQLException e) {
      throw new StartupException("cannot list the captured tables: " + message(e), e);
    }
  }

  private static boolean isTrue(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static List<String> texts(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }

  private static StartupException explained(
      String what, String schema, String table, SQLException e) {
    String hint =
        "42501".equals(e.getSQLState())
            ? "; it needs the TRIGGER right on the table to capture it, and must own it to release it"
            : "";
    String reason = message(e);
    return new StartupException(
        reason.contains("cannot be captured") // names the table already
            ? reason
            : "cannot %s %s.%s: %s%s".formatted(what, schema, table, reason, hint),
        e);
  }

  private static String message(SQLException e) {
    ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    return server == null ? e.getMessage() : server.getMessage();
  }
}
