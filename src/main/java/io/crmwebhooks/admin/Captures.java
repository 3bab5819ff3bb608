package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.settings.StartupException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
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
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(1500);

  /** Somebody holds a table that cannot be locked therefore; others may be free. */
  public static final class HeldException extends StartupException {
    private static final long serialVersionUID = 1L;

    HeldException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final Sql sql;
  private final long patience;
  private final AtomicLong waited = new AtomicLong();

  public Captures(DataSource dataSource) {
    this(dataSource, PATIENCE);
  }

  /**
   * @param patience for how long tables that are held are tried again, all of them together
   */
  public Captures(DataSource dataSource, Duration patience) {
    this.sql = new Sql(dataSource);
    this.patience = patience.toNanos();
  }

  /**
   * @return whether this changed anything
   * @throws HeldException when somebody holds the table for too long
   * @throws StartupException when the table cannot be captured, saying why
   */
  public boolean install(
      String schema, String table, String object, String workspace, List<String> ignored) {
    return untilLocked(
        "capture",
        sql("capture-table.sql"),
        Map.of(
            "schema", schema,
            "table", table,
            "object", object,
            "workspace", workspace,
            "ignored", ignored));
  }

  /**
   * @return whether the table was captured
   * @throws HeldException when somebody holds the table for too long
   * @throws StartupException when there is no such table, or it belongs to somebody else
   */
  public boolean remove(String schema, String table) {
    return untilLocked(
        "release", sql("release-table.sql"), Map.of("schema", schema, "table", table));
  }

  /** Notes which file manages a captured table. */
  void noteFile(String schema, String table, String file) {
    try {
      sql.rows(
          sql("note-capture-file.sql"), Map.of("schema", schema, "table", table, "file", file));
    } catch (SQLException e) {
      throw explained("note the file of", schema + "." + table, e);
    }
  }

  private boolean untilLocked(String what, String statement, Map<String, Object> values) {
    String name = values.get("schema") + "." + values.get("table");
    while (true) {
      long began = System.nanoTime();
      try {
        return sql.row(statement, values).orElseThrow().path("changed").asBoolean();
      } catch (SQLException e) {
        if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
          throw explained(what, name, e);
        }
        if (waited.get() > patience) {
          throw new HeldException(
              "cannot %s %s: the table is held by %s; nothing waits for it now, try again later"
                  .formatted(what, name, lockers(what, values)),
              e);
        }
      }
      pause();
      waited.addAndGet(System.nanoTime() - began);
    }
  }

  private String lockers(String what, Map<String, Object> values) {
    Map<String, Object> asked = new HashMap<>(values);
    asked.put("readersToo", what.equals("release"));
    try {
      return sql.rows(sql("show-lockers.sql"), asked).stream()
          .map(row -> row.path("locker").asText())
          .reduce((one, other) -> one + ", " + other)
          .orElse("somebody who has just let go of it");
    } catch (SQLException e) {
      return "somebody who cannot be named: " + message(e);
    }
  }

  /** Lets others have a table before it is asked for again. */
  static void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while a table was held", e);
    }
  }

  /**
   * The tables whose changes are captured, or should be, by schema and name. {@code problem} says
   * why one is not captured as it should be; null: it is. {@code file} is the file that manages it;
   * {@code twenty} whether that is done for Twenty.
   */
  public List<ObjectNode> list() {
    try {
      return sql.rows(sql("list-captured.sql"), Map.of());
    } catch (SQLException e) {
      throw new StartupException("cannot list the captured tables: " + message(e), e);
    }
  }

  private static StartupException explained(String what, String table, SQLException e) {
    String hint =
        "42501".equals(e.getSQLState())
            ? "; it needs the TRIGGER right on the table to capture it, and must own it to release it"
            : "";
    String reason = message(e);
    return new StartupException(
        reason.contains("cannot be captured") // names the table already
            ? reason
            : "cannot %s %s: %s%s".formatted(what, table, reason, hint),
        e);
  }

  private static String message(SQLException e) {
    ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    return server == null ? e.getMessage() : server.getMessage();
  }
}
