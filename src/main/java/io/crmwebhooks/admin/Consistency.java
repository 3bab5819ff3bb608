package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Asks whether the tables of the pipeline agree with each other. Thread-safe. */
public final class Consistency {
  private final Sql sql;

  public Consistency(Sql sql) {
    this.sql = sql;
  }

  /**
   * The contradictions, each as a sentence; empty when there is none.
   *
   * @param most how many to name at most
   */
  public List<String> problems(int most) throws SQLException {
    return sql.rows(sql("check-consistency.sql"), Map.of("most", most)).stream()
        .map(row -> row.path("problem").asText())
        .toList();
  }
}
