package io.crmwebhooks.database;

import com.zaxxer.hikari.HikariDataSource;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PostgreSQL behind this process: the configured one, or an embedded one when no URL is set. It
 * is checked, and has the schema that this program knows. Thread-safe once open.
 */
public final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final int OLDEST_SERVER = 15;

  private static final String LOGIN_TIMEOUT_S = "20";

  private final EmbeddedDatabase embedded;
  private final HikariDataSource pool;
  private final HikariDataSource apiPool;

  private Database(EmbeddedDatabase embedded, HikariDataSource pool, HikariDataSource apiPool) {
    this.embedded = embedded;
    this.pool = pool;
    this.apiPool = apiPool;
  }

  /**
   * Connects, checks the server and makes the schema where there is none yet. A schema of another
   * version is left as it is: a command must not change it under servers that may be at work on it.
   *
   * @throws StartupException in one sentence, when the URL, the password, the server or its schema
   *     is wrong
   */
  public static Database open(Settings settings) {
    return open(settings, Schema::makeOrRequire);
  }

  /** As {@link #open}, for a server: brings the schema up to date. */
  public static Database upgrade(Settings settings) {
    return open(settings, Schema::upgrade);
  }

  /**
   * Reads in a database and leaves nothing behind: the schema is made in the same transaction where
   * there is none, and rolled back. Later statements in it may only read.
   *
   * @throws StartupException as {@link #open}
   */
  public static <T> T look(Settings settings, Sql.Transaction.Work<T> work) throws SQLException {
    List<String> missing = new ArrayList<>();
    try (Database database = open(settings, schema -> missing.addAll(schema.missing()));
        Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      try {
        Schema.makeIn(connection, missing);
        execute(connection, "SET TRANSACTION READ ONLY");
        return work.on(connection);
      } finally {
        connection.rollback();
      }
    }
  }

  private static Database open(Settings settings, Consumer<Schema> version) {
    String url = settings.text("webhooks.database.url");
    if (!url.isEmpty()) {
      return connect(null, settings, url, version);
    }
    EmbeddedDatabase embedded =
        EmbeddedDatabase.open(Path.of(settings.text("webhooks.database.data")));
    try {
      return connect(embedded, settings, embedded.url(), version);
    } catch (RuntimeException e) {
      embedded.close();
      throw e;
    }
  }

  private static Database connect(
      EmbeddedDatabase embedded, Settings settings, String url, Consumer<Schema> version) {
    Properties login = new Properties();
    setUnlessEmpty(login, "user", settings.text("webhooks.database.username"));
    setUnlessEmpty(login, "password", settings.text("webhooks.database.password"));
    login.setProperty("ApplicationName", "crm-webhooks");
    // A connection that has silently gone away must not be waited for; the URL may say otherwise.
    login.setProperty("tcpKeepAlive", "true");
    login.setProperty("socketTimeout", "45");
    check(url, login);
    Pools pools = new Pools(url, login);
    try (HikariDataSource patient = pools.patient()) {
      version.accept(new Schema(patient));
    }
    return new Database(
        embedded, pools.main(settings.integer("webhooks.database.pool-size")), pools.api(settings));
  }

  private static void setUnlessEmpty(Properties login, String key, String value) {
    if (!value.isEmpty()) {
      login.setProperty(key, value);
    }
  }

  private static void check(String url, Properties login) {
    // The URL is not repeated: it may hold a password, which the driver takes for part of the host.
    Properties parts = Driver.parseURL(url, null);
    if (parts == null || parts.getProperty("PGHOST", "").contains("@")) {
      throw new StartupException(
          "webhooks.database.url must be of the form jdbc:postgresql://host:port/database;"
              + " user and password have properties of their own");
    }
    if (parts.getProperty("PGHOST", "").contains(",")) {
      login.setProperty("targetServerType", "primary"); // of several hosts the one that can write
    }
    Properties bounded = new Properties();
    bounded.putAll(login);
    bounded.setProperty("loginTimeout", LOGIN_TIMEOUT_S); // for a port where something else listens
    try (Connection connection = DriverManager.getConnection(url, bounded);
        Connection other = DriverManager.getConnection(url, bounded)) {
      requireOwnSessions(connection, other);
      requireVersion(
          connection.getMetaData().getDatabaseMajorVersion(),
          connection.getMetaData().getDatabaseProductVersion());
      StorableText.keepTo(
          connection.unwrap(PGConnection.class).getParameterStatus("server_encoding"));
      LOG.debug("connected to PostgreSQL {}", connection.getMetaData().getDatabaseProductVersion());
    } catch (SQLException e) {
      throw new UnreachableDatabaseException(explain(e), e);
    }
  }

  /**
   * A pooler between here and PostgreSQL may lend one session to several clients in turn, as
   * pgbouncer does with {@code pool_mode=transaction}. A timeout that is set for a session here
   * would then hold for statements of others, and prepared statements and LISTEN would be lost.
   *
   * @throws StartupException when the two connections share sessions
   */
  static void requireOwnSessions(Connection one, Connection other) throws SQLException {
    execute(one, "SET application_name = 'crm-webhooks'"); // some keep a session to who sets things
    long before = session(one);
    other.setAutoCommit(false); // it holds the session that it gets, be it the one just seen
    long held = session(other);
    boolean shared = held == before || session(one) != before;
    other.rollback();
    if (shared) {
      throw new StartupException(
          "webhooks.database.url leads to a pooler that lends one session to many clients, such as pgbouncer"
              + " with pool_mode=transaction; name PostgreSQL itself there, or a pool with pool_mode=session");
    }
  }

  private static long session(Connection connection) throws SQLException {
    return Sql.rows(connection, Sql.sql("show-session.sql"), Map.of()).get(0).path("pid").asLong();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static void requireVersion(int major, String version) {
    if (major < OLDEST_SERVER) {
      throw new StartupException(
          "the PostgreSQL of webhooks.database.url is version %s; crm-webhooks needs %d or newer"
              .formatted(version, OLDEST_SERVER));
    }
  }

  private static String explain(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    if (state.startsWith("28")) {
      return "PostgreSQL refuses webhooks.database.username or webhooks.database.password: "
          + e.getMessage();
    }
    return switch (state) {
      case "3D000" ->
          "webhooks.database.url names a database that does not exist: " + e.getMessage();
      case "08001", "08006", "08004" ->
          "cannot reach the PostgreSQL of webhooks.database.url: " + reason(e);
      default -> "cannot use the PostgreSQL of webhooks.database.url: " + e.getMessage();
    };
  }

  /** The driver leaves an unknown host to the cause. */
  private static String reason(SQLException e) {
    return e.getCause() instanceof UnknownHostException unknown
        ? "unknown host " + unknown.getMessage()
        : e.getMessage();
  }

  /**
   * From now on a statement that finds no connection fails within seconds: the process is ending.
   */
  public void hurry() {
    pool.setConnectionTimeout(3000);
  }

  /** The pool of connections; open until this database is closed. */
  public DataSource dataSource() {
    return pool;
  }

  /** Connections for the API, few of them and with a statement timeout. */
  public DataSource apiDataSource() {
    return apiPool;
  }

  @Override
  public void close() {
    apiPool.close();
    pool.close();
    if (embedded != null) {
      embedded.close();
    }
  }

  /** The database does not answer, or does not let this process in. */
  public static final class UnreachableDatabaseException extends StartupException {
    private static final long serialVersionUID = 1L;

    UnreachableDatabaseException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
