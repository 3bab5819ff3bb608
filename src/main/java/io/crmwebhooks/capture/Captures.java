package io.crmwebhooks.capture;

import io.crmwebhooks.StartupException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The capture triggers of a database, by the SQL functions {@code webhooks.capture} and {@code
 * webhooks.release}. Names are as spelled in the database, without quotes.
 */
final class Captures {
  private static final String INSTALL =
      "SELECT webhooks.capture(format('%I.%I', ?, ?)::regclass, ?, ?, ?)";
  private static final String REMOVE = "SELECT webhooks.release(format('%I.%I', ?, ?)::regclass)";
  private static final String LIST =
      "SELECT schema, name, object, workspace, ignored FROM webhooks.captured_table ORDER BY schema, name";

  private final DataSource dataSource;

  Captures(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * @return whether this changed anything
   * @throws StartupException when the table cannot be captured, saying why
   */
  boolean install(
      String schema, String table, String object, String workspace, List<String> ignored) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(INSTALL)) {
      statement.setString(1, schema);
      statement.setString(2, table);
      statement.setString(3, object);
      statement.setString(4, workspace);
      statement.setArray(5, connection.createArrayOf("text", ignored.toArray()));
      return isTrue(statement);
    } catch (SQLException e) {
      throw explained("capture", schema, table, e);
    }
  }

  /**
   * @return whether the table was captured
   * @throws StartupException when there is no such table, or it belongs to somebody else
   */
  boolean remove(String schema, String table) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(REMOVE)) {
      statement.setString(1, schema);
      statement.setString(2, table);
      return isTrue(statement);
    } catch (SQLException e) {
      throw explained("release", schema, table, e);
    }
  }

  List<CapturedTable> list() {
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
                texts(row.getArray("ignored"))));
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
