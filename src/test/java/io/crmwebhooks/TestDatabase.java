package io.crmwebhooks;

import io.crmwebhooks.database.Database;
import io.crmwebhooks.secret.Secrets;
import io.crmwebhooks.settings.Settings;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * A fresh, migrated database of the one PostgreSQL that all tests of this virtual machine share.
 * The server stops with the virtual machine; its sessions are in the zone of the virtual machine,
 * which the build sets to one that is not UTC.
 */
public final class TestDatabase implements AutoCloseable {
  /** The key that encrypts secrets in all tests, so that none writes a key file. */
  public static final String STORAGE_KEY = "dGVzdHMgc3RvcmUgdGhlaXIgc2VjcmV0cyBsaWtlIG0=";

  /** The user's own routes as they begin, so that no test makes files. */
  public static final String TEMPLATES = "classpath:custom/*.camel.yaml";

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String url;
  private final Database database;

  private TestDatabase(String url) {
    this.url = url;
    this.database = Database.open(settings(Map.of()));
  }

  public static TestDatabase create() {
    return create("UTF8");
  }

  /**
   * @param encoding of PostgreSQL, such as WIN1252
   */
  public static TestDatabase create(String encoding) {
    String name = "test_" + COUNT.incrementAndGet();
    if (encoding.equals("UTF8")) {
      createLike(Migrated.NAME, name);
    } else {
      onServer(
          "CREATE DATABASE %s ENCODING '%s' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
              .formatted(name, encoding));
    }
    return new TestDatabase(Server.POSTGRES.getJdbcUrl("postgres", name));
  }

  private static void createLike(String template, String name) {
    onServer("CREATE DATABASE %s TEMPLATE %s".formatted(name, template));
  }

  private static void onServer(String... statements) {
    try (Connection connection = Server.POSTGRES.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Lets connections to it be made; without that, it ends those that there are, too. To be admitted
   * again before {@link #close}.
   */
  public void admit(boolean admitted) {
    String admit = "ALTER DATABASE %s ALLOW_CONNECTIONS %s".formatted(name(), admitted);
    if (admitted) {
      onServer(admit);
    } else {
      onServer(
          admit,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'"
              .formatted(name()));
    }
  }

  /** With the user in it; it can be set as {@code webhooks.database.url}. */
  public String url() {
    return url;
  }

  /** The documented defaults on this database; {@code overrides} win. */
  public Settings settings(Map<String, String> overrides) {
    Map<String, String> all =
        new HashMap<>(
            Map.of(
                "webhooks.database.url", url,
                "webhooks.secrets.key", STORAGE_KEY,
                "webhooks.custom.routes", TEMPLATES));
    all.putAll(overrides);
    return Settings.load(Path.of("no such file"), Map.of(), all);
  }

  public Database database() {
    return database;
  }

  public DataSource dataSource() {
    return database.dataSource();
  }

  /** The secrets in it, under the key of all tests. */
  public Secrets secrets() {
    return Secrets.open(settings(Map.of()), dataSource());
  }

  /** As the API has them. */
  public DataSource apiDataSource() {
    return database.apiDataSource();
  }

  /** It is dropped: the server's end would take long to remove thousands of files. */
  @Override
  public void close() {
    database.close();
    try {
      onServer("DROP DATABASE IF EXISTS " + name() + " WITH (FORCE)");
    } catch (IllegalStateException e) {
      // a prepared transaction is left in it; it goes with the server
    }
  }

  private String name() {
    return url.replaceAll(".*/(\\w+).*", "$1");
  }

  /** The schema is made once; a copy of a database takes a tenth of the migrations' time. */
  private static final class Migrated {
    static final String NAME = make("migrated");

    private static String make(String name) {
      createLike("template1", name);
      new TestDatabase(Server.POSTGRES.getJdbcUrl("postgres", name)).database.close();
      return name;
    }
  }

  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder().start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
