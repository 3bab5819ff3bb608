package io.crmwebhooks.database;

import io.crmwebhooks.StartupException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;

/** The schema {@code webhooks}, made and upgraded by Flyway from {@code db/migration}. */
final class Schema {
  private static final String MAY_CREATE =
      """
      SELECT to_regnamespace('webhooks') IS NOT NULL
        OR has_database_privilege(current_database(), 'CREATE'), current_user""";

  private Schema() {}

  /**
   * @throws StartupException when the schema is newer than this program, damaged, or may not be
   *     changed
   */
  static void migrate(DataSource dataSource) {
    Flyway flyway =
        Flyway.configure()
            .dataSource(dataSource)
            .schemas("webhooks")
            .locations("classpath:db/migration")
            .validateOnMigrate(true)
            .load();
    try {
      requireRightToCreate(dataSource);
      String newer = newerThanTheProgram(flyway.info().all());
      if (newer != null) {
        throw new StartupException(
            "the schema \"webhooks\" is at version %s, newer than this program knows; start a newer crm-webhooks"
                .formatted(newer));
      }
      flyway.migrate();
    } catch (FlywayException | SQLException e) {
      throw new StartupException(
          "cannot bring the schema \"webhooks\" up to date: "
              + e.getMessage().strip().replaceAll("\\s+", " "),
          e);
    }
  }

  /** Flyway would find out too, but only after ten tries. */
  private static void requireRightToCreate(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(MAY_CREATE)) {
      result.next();
      if (!result.getBoolean(1)) {
        throw new StartupException(
            "the role %s of webhooks.database.username may not create the schema \"webhooks\"; GRANT CREATE ON DATABASE to it, or create the schema and make it the owner"
                .formatted(result.getString(2)));
      }
    }
  }

  private static String newerThanTheProgram(MigrationInfo[] migrations) {
    return Arrays.stream(migrations)
        .filter(
            m -> m.getState().isApplied() && !m.getState().isResolved() && m.getVersion() != null)
        .map(m -> m.getVersion().toString())
        .reduce((older, newer) -> newer)
        .orElse(null);
  }
}
