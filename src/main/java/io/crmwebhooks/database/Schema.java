package io.crmwebhooks.database;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.settings.StartupException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/**
 * The schema {@code webhooks}, made and upgraded by Flyway from {@code db/migration}, on
 * connections of its own without a time limit. An index on a large table takes its time, and a
 * start that is cut off would begin it again, for ever.
 */
final class Schema {
  // Settings of the role or the database for everybody. Flyway holds its lock in a transaction.
  private static final String WITHOUT_TIMEOUTS =
      "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";

  private final DataSource dataSource;
  private final Flyway flyway;

  /**
   * @param dataSource of connections without timeouts
   */
  Schema(DataSource dataSource) {
    this.dataSource = dataSource;
    flyway =
        Flyway.configure()
            .dataSource(dataSource)
            .initSql(WITHOUT_TIMEOUTS)
            .schemas("webhooks")
            .locations("classpath:db/migration")
            .validateOnMigrate(true)
            .load();
  }

  /**
   * Makes or upgrades it.
   *
   * @throws StartupException when it is newer than this program, damaged, or may not be changed
   */
  void upgrade() {
    carryOut(
        () -> {
          requireRightToCreate();
          MigrationInfo[] migrations = flyway.info().all();
          requireNotNewer(migrations);
          if (Arrays.stream(migrations).allMatch(Schema::isDone)) {
            revokeFromPublic();
          } else {
            flyway.migrate();
          }
        });
  }

  /**
   * Makes it where there is none.
   *
   * @throws StartupException when it is not of the version that this program knows, or may not be
   *     made
   */
  void makeOrRequire() {
    carryOut(
        () -> {
          requireRightToCreate();
          MigrationInfo[] migrations = flyway.info().all();
          requireNotNewer(migrations);
          if (isAbsent(migrations)) {
            flyway.migrate();
          } else {
            requireNotOlder(migrations);
          }
        });
  }

  private static boolean isAbsent(MigrationInfo[] migrations) {
    return latest(migrations, m -> m.getState().isApplied()) == null;
  }

  private static void requireNotOlder(MigrationInfo[] migrations) {
    String needed = latest(migrations, m -> !m.getState().isApplied());
    if (needed != null) {
      throw new StartupException(
          "the schema \"webhooks\" is at version %s and this program needs %s; \"crm-webhooks run\" upgrades it, and older versions do not start on it any more"
              .formatted(latest(migrations, m -> m.getState().isApplied()), needed));
    }
  }

  /**
   * The migrations that make it where there is none; otherwise none.
   *
   * @throws StartupException as {@link #makeOrRequire}
   */
  List<String> missing() {
    List<String> scripts = new ArrayList<>();
    carryOut(
        () -> {
          MigrationInfo[] migrations = flyway.info().all();
          requireNotNewer(migrations);
          if (isAbsent(migrations)) {
            requireRightToCreate();
            for (MigrationInfo migration : migrations) {
              scripts.add(migration.getScript());
            }
          } else {
            requireNotOlder(migrations);
          }
        });
    return scripts;
  }

  /** Makes it in the transaction of this connection, for as long as that lasts. */
  static void makeIn(Connection connection, List<String> scripts) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String script : scripts) {
        statement.execute("CREATE SCHEMA IF NOT EXISTS webhooks; SET LOCAL search_path = webhooks");
        statement.execute(Statements.builtIn("/db/migration/" + script));
      }
    }
  }

  private interface Work {
    void run() throws SQLException;
  }

  private static void carryOut(Work work) {
    try {
      work.run();
    } catch (FlywayException | SQLException e) {
      throw new StartupException(
          "cannot bring the schema \"webhooks\" up to date: "
              + e.getMessage().strip().replaceAll("\\s+", " "),
          e);
    }
  }

  private void requireRightToCreate() throws SQLException {
    JsonNode right = new Sql(dataSource).row(Sql.sql("may-create.sql"), Map.of()).orElseThrow();
    if (!right.path("allowed").asBoolean()) {
      throw new StartupException(
          "the role %s of webhooks.database.username may not create the schema \"webhooks\"; GRANT CREATE ON DATABASE to it, or create the schema and make it the owner"
              .formatted(right.path("role").asText()));
    }
  }

  /** As after each migration; here for what a restore has granted. */
  private void revokeFromPublic() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(Statements.builtIn("/db/migration/afterEachMigrate.sql"));
    }
  }

  private static void requireNotNewer(MigrationInfo[] migrations) {
    String newer = latest(migrations, m -> m.getState().isApplied() && !m.getState().isResolved());
    if (newer != null) {
      throw new StartupException(
          "the schema \"webhooks\" is at version %s, newer than this program knows; start a newer crm-webhooks"
              .formatted(newer));
    }
  }

  /** Whether nothing is left to do of it and to say about it; Flyway would look at all again. */
  private static boolean isDone(MigrationInfo migration) {
    return migration.getState() == MigrationState.SUCCESS
        && migration.isChecksumMatching()
        && migration.isDescriptionMatching()
        && migration.isTypeMatching();
  }

  /** The latest version of such, or null. They are sorted. */
  private static String latest(MigrationInfo[] migrations, Predicate<MigrationInfo> such) {
    return Arrays.stream(migrations)
        .filter(m -> m.getVersion() != null)
        .filter(such)
        .map(m -> m.getVersion().toString())
        .reduce((older, newer) -> newer)
        .orElse(null);
  }
}
