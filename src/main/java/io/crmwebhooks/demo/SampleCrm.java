package io.crmwebhooks.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The tables of a small CRM in the schema {@code crm}, named as Twenty names its own, captured.
 * Making them again changes nothing and keeps their rows.
 */
public final class SampleCrm {
  private SampleCrm() {}

  /** Makes the tables and captures them, in one transaction. */
  public static void create(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(DemoSql.read("tables"));
      statement.execute(DemoSql.read("capture"));
      connection.commit();
    }
  }
}
