package io.crmwebhooks.database;

import io.crmwebhooks.StartupException;
import java.util.Arrays;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;

/** The schema {@code webhooks}, made and upgraded by Flyway from {@code db/migration}. */
final class Schema {
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
      String newer = newerThanTheProgram(flyway.info().all());
      if (newer != null) {
        throw new StartupException(
            "the schema \"webhooks\" is at version %s, newer than this program knows; start a newer crm-webhooks"
                .formatted(newer));
      }
      flyway.migrate();
    } catch (FlywayException e) {
      throw new StartupException(
          "cannot bring the schema \"webhooks\" up to date: "
              + e.getMessage().strip().replaceAll("\\s+", " "),
          e);
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
