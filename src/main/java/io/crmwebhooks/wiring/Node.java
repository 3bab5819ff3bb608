package io.crmwebhooks.wiring;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.settings.StartupException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
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
  public static Node join(DataSource dataSource) {
    try {
      ObjectNode row = new Sql(dataSource).row(sql("join.sql"), Map.of()).orElseThrow();
      return new Node(dataSource, row.path("id").asInt());
    } catch (SQLException e) {
      throw new StartupException("cannot enter the table of processes: " + e.getMessage(), e);
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
    new Sql(dataSource).rows(sql("leave.sql"), Map.of("node", id, "unfinished", unfinished));
  }
}
