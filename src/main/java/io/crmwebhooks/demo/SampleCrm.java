package io.crmwebhooks.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * The tables of a small CRM in the schema {@code crm}, named as Twenty names its own, captured.
 * Making them again changes nothing and keeps their rows.
 */
public final class SampleCrm {
  /** The workspace of the sample Twenty. */
  public static final String WORKSPACE = "20c1a0de-5a17-4000-8000-000000000001";

  /** The schema of its tables: {@code workspace_} and the id in base 36. */
  public static final String SCHEMA = "workspace_1xt9x55ble07cssbf8lp1qqyp";

  private SampleCrm() {}

  /**
   * Makes the tables of a Twenty, with one workspace, in one transaction.
   *
   * @param generation {@code 1.x} or {@code 2.x}
   */
  public static void makeTwenty(DataSource dataSource, String generation) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String file : List.of("core-" + generation, "make", "objects", "sample")) {
        statement.execute(sql("twenty/" + file));
      }
      connection.commit();
    }
  }

  /** Makes the tables and captures them, in one transaction. */
  public static void create(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(sql("tables"));
      statement.execute(sql("capture"));
      connection.commit();
    }
  }

  /** A statement of the demo, from the files under {@code demo/} on the class path. */
  static String sql(String name) {
    try (InputStream in = SampleCrm.class.getResourceAsStream("/demo/" + name + ".sql")) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
