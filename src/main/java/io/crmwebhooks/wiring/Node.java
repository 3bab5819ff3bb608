package io.crmwebhooks.wiring;

import static io.crmwebhooks.database.Sql.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** This process among those that share the queue: its number marks the claims that are its own. */
public final class Node {
  private final DataSource dataSource;
  private final int id;

  private Node(DataSource dataSource, int id) {
    this.dataSource = dataSource;
    this.id = id;
  }

  /** Of a process that claims nothing, and is in no table. */
  public static Node bystander(DataSource dataSource) {
    return new Node(dataSource, 0);
  }

  /** Enters this process in the table of nodes. */
  public static Node join(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql("join.sql"));
        ResultSet row = statement.executeQuery()) {
      row.next();
      return new Node(dataSource, row.getInt(1));
    }
  }

  public int getId() {
    return id;
  }

  /**
   * Takes this process out again, after the routes have stopped: its unfinished claims are free at
   * once.
   *
   * @param unfinished ids of deliveries that were being sent
   */
  public void leave(List<String> unfinished) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql("leave.sql"))) {
      statement.setInt(1, id);
      statement.setArray(2, connection.createArrayOf("text", unfinished.toArray()));
      statement.execute();
    }
  }
}
