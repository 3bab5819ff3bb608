package io.crmwebhooks;

import io.crmwebhooks.demo.SampleCrm;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import javax.sql.DataSource;

/**
 * A Twenty of one of the two living generations in a database: schema core, the workspace {@link
 * #WORKSPACE} with its objects and members, and no webhook. Nothing of it is captured. Functions of
 * the schema {@code sample_twenty} edit it as Twenty edits itself; see {@code twenty/edit.sql} and
 * {@code demo/twenty/make.sql}. Ids follow from names, as {@link #objectId} says.
 */
public final class TwentyFixture {
  /** The generation with {@code isCustom} and {@code dataSource}. */
  public static final String OLDER = "1.x";

  /** The generation with applications and {@code databaseSchema}. */
  public static final String NEWER = "2.x";

  public static final String WORKSPACE = SampleCrm.WORKSPACE;

  /** Of the first workspace in both generations. */
  public static final String SCHEMA = SampleCrm.SCHEMA;

  private final DataSource dataSource;

  /** One that is made already, or is not yet. */
  TwentyFixture(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Makes it, in one transaction. */
  public static TwentyFixture create(DataSource dataSource, String generation) throws SQLException {
    SampleCrm.makeTwenty(dataSource, generation);
    TwentyFixture fixture = new TwentyFixture(dataSource);
    fixture.run(edits());
    return fixture;
  }

  /** Another workspace with all objects; {@code schema}: null, '' or a name, as make.sql says. */
  public void addWorkspace(String id, String name, String schema) throws SQLException {
    run(
        "SELECT sample_twenty.add_workspace('%s', '%s', %s)"
            .formatted(id, name, schema == null ? "NULL" : "'" + schema + "'"),
        "SELECT sample_twenty.add_objects('%s')".formatted(id));
  }

  /** As Twenty's settings page adds one; returns its id. */
  public String addWebhook(String targetUrl, String secret, String... operations)
      throws SQLException {
    return value(
        "SELECT sample_twenty.add_webhook('%s', '%s', '{%s}', '%s')"
            .formatted(WORKSPACE, targetUrl, String.join(",", operations), secret));
  }

  /** Its table, with schema and quotes, such as for {@code rocket}. */
  public static String table(String name) {
    return "%s.\"%s\"".formatted(SCHEMA, name);
  }

  /** The id of an object's row of metadata in the first workspace. */
  public String objectId(String object) throws SQLException {
    return value("SELECT sample_twenty.id('object', '%s', '%s')".formatted(WORKSPACE, object));
  }

  /** The id of Tim, Phil or Jony. */
  public String memberId(String firstName) throws SQLException {
    return value("SELECT sample_twenty.id('member', '%s')".formatted(firstName));
  }

  /** The user of Tim, Phil or Jony. */
  public String userId(String firstName) throws SQLException {
    return value("SELECT sample_twenty.id('user', '%s')".formatted(firstName));
  }

  /** Runs statements, each its own transaction. */
  public void run(String... statements) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The first column of the first row. */
  public String value(String query) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  private static String edits() {
    try (InputStream in = TwentyFixture.class.getResourceAsStream("/twenty/edit.sql")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
