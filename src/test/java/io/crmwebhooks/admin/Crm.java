package io.crmwebhooks.admin;

import io.crmwebhooks.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A session of the CRM, and what it caused in the change table. */
public final class Crm implements AutoCloseable {
  private final TestDatabase database = TestDatabase.create();
  private final Connection connection;
  private final List<String> warnings = new ArrayList<>();

  public Crm() {
    try {
      connection = database.dataSource().getConnection();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public TestDatabase database() {
    return database;
  }

  /** Runs statements, each its own transaction. */
  public void run(String... statements) throws SQLException {
    for (String sql : statements) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
        for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
          if (w.getSQLState().startsWith("01")) { // the others are notices
            warnings.add(w.getMessage());
          }
        }
      }
    }
  }

  /** Runs statements and returns {@code event record_id [updated fields]} of the changes made. */
  List<String> changes(String... statements) throws SQLException {
    String last = value("SELECT coalesce(max(id), 0) FROM webhooks.change");
    run(statements);
    return values(
        "SELECT concat_ws(' ', event, record_id, updated_fields) FROM webhooks.change WHERE id > "
            + last
            + " ORDER BY id");
  }

  /** The record of the last change, as stored. */
  String record() throws SQLException {
    return value("SELECT record FROM webhooks.change ORDER BY id DESC LIMIT 1");
  }

  public String value(String query) throws SQLException {
    return values(query).get(0);
  }

  public List<String> values(String query) throws SQLException {
    return values(connection, query);
  }

  /** The first column of what a query gives. */
  static List<String> values(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      List<String> values = new ArrayList<>();
      while (row.next()) {
        values.add(row.getString(1));
      }
      return values;
    }
  }

  List<String> warnings() {
    return warnings;
  }

  Connection connection() {
    return connection;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    database.close();
  }
}
