package io.crmwebhooks.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.crmwebhooks.settings.Settings;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** The pools of connections of this process, and what is set in each session. */
final class Pools {
  // Every statement of the pipeline finds its rows by an index or by their place. A plan made while
  // the tables were still empty would read them from end to end, and be kept while they grow.
  // Planning each statement anew would avoid that too, and doubles what a claim of one row costs.
  private static final String SESSION = "SET enable_seqscan = off; SET jit = off";
  // PostgreSQL would plan anew while the kept plan looks dearer than the first ones were. It looks
  // so after a vacuum of a long queue.
  private static final String PIPELINE_SESSION =
      SESSION + "; SET plan_cache_mode = force_generic_plan";
  // Readers of the API get one processor. Its statements are planned for their values: the best
  // plan for one webhook's deliveries is not the best for all.
  private static final String API_SESSION =
      SESSION
          + "; SET plan_cache_mode = force_custom_plan; SET max_parallel_workers_per_gather = 0";
  private static final long API_WAIT_MS = 5000;

  private final String url;
  private final Properties login;

  /**
   * @param login the properties of the driver
   */
  Pools(String url, Properties login) {
    this.url = url;
    this.login = login;
  }

  /** For the pipeline. */
  HikariDataSource main(int size) {
    HikariConfig config = pool("crm-webhooks", url, login);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(1);
    config.setConnectionInitSql(PIPELINE_SESSION);
    return new HikariDataSource(config);
  }

  /** Connections for what takes as long as it takes, also where the URL has a timeout. */
  HikariDataSource patient() {
    String patient = url + (url.contains("?") ? "&" : "?") + "socketTimeout=0";
    HikariConfig config = pool("crm-webhooks-schema", patient, login);
    config.setMaximumPoolSize(3); // Flyway has two open, one of them with its lock
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }

  /**
   * A pool of its own, opened by the first request: the pipeline must not wait for readers of the
   * API.
   */
  HikariDataSource api(Settings settings) {
    Properties discreet = new Properties();
    discreet.putAll(login);
    // Values from callers may be secret, and PostgreSQL's details would repeat them in an
    // exception.
    discreet.setProperty("logServerErrorDetail", "false");
    HikariConfig config = pool("crm-webhooks-api", url, discreet);
    config.setMaximumPoolSize(settings.integer("webhooks.api.pool-size"));
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(API_WAIT_MS);
    config.setConnectionInitSql(
        API_SESSION
            + "; SET statement_timeout = "
            + settings.duration("webhooks.api.statement-timeout").toMillis());
    return new HikariDataSource(config);
  }

  private static HikariConfig pool(String name, String url, Properties login) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(url);
    config.setDataSourceProperties(login);
    config.setExceptionOverride(new UnfitConnections());
    // The default of the database does not count: our serializable statements would fail those of
    // the CRM.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    return config;
  }

  /**
   * Tells the pools which further failures make a connection useless: those that end its session,
   * and those that show that it can only read. The latter happens in a failover: a server that
   * steps back keeps its sessions, and they would stay in the pool for half an hour.
   */
  private static final class UnfitConnections implements SQLExceptionOverride {
    private static final String READ_ONLY = "25006";

    @java.lang.Override
    public Override adjudicate(SQLException failure) {
      return READ_ONLY.equals(failure.getSQLState()) || hasEndedItsSession(failure)
          ? Override.MUST_EVICT
          : Override.CONTINUE_EVICT;
    }

    private static boolean hasEndedItsSession(SQLException failure) {
      ServerErrorMessage server =
          failure instanceof PSQLException e ? e.getServerErrorMessage() : null;
      String severity = server == null ? null : server.getSeverity();
      return "FATAL".equals(severity) || "PANIC".equals(severity);
    }
  }
}
