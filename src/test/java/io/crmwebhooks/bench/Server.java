package io.crmwebhooks.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.util.IOHelper;

/**
 * A PostgreSQL of the benchmark's own, as durable as one in production and sized for a machine with
 * 4 GiB of memory. The data are removed at the end.
 */
final class Server implements AutoCloseable {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "fsync", "on",
          "full_page_writes", "on",
          "synchronous_commit", "on",
          "shared_buffers", "1GB",
          "effective_cache_size", "3GB",
          "max_wal_size", "4GB",
          "max_connections", "100");

  private final AtomicInteger databases = new AtomicInteger();
  private final EmbeddedPostgres postgres;
  private final long pid;

  private Server(EmbeddedPostgres postgres, long pid) {
    this.postgres = postgres;
    this.pid = pid;
  }

  static Server start(Path folder, Statements statements) throws IOException, SQLException {
    Path data = Files.createTempDirectory(folder.toAbsolutePath(), "postgresql-");
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(true);
    SETTINGS.forEach(builder::setServerConfig);
    statements.settings().forEach(builder::setServerConfig);
    EmbeddedPostgres postgres = builder.start();
    String pid = Files.readAllLines(data.resolve("postmaster.pid")).get(0);
    Server server = new Server(postgres, Long.parseLong(pid.trim()));
    server.requireSettings();
    return server;
  }

  private void requireSettings() throws SQLException {
    Map<String, String> real = settings();
    SETTINGS.forEach(
        (name, value) -> {
          if (!value.equals(real.get(name))) {
            throw new IllegalStateException(name + " is " + real.get(name) + ", not " + value);
          }
        });
  }

  /** PostgreSQL's own values of the settings that matter here. */
  Map<String, String> settings() throws SQLException {
    Map<String, String> all = new LinkedHashMap<>();
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      for (String name : SETTINGS.keySet().stream().sorted().toList()) {
        all.put(name, value(statement, "SHOW " + name));
      }
      all.put("server_version", value(statement, "SHOW server_version"));
    }
    return all;
  }

  private static String value(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** A new database with the schema in it; the last one's dirty pages are written first. */
  BenchDatabase createDatabase() throws SQLException {
    String name = "bench_" + databases.incrementAndGet();
    execute("CREATE DATABASE " + name);
    BenchDatabase database = new BenchDatabase(postgres.getJdbcUrl("postgres", name));
    execute("CHECKPOINT");
    return database;
  }

  void dropDatabase() throws SQLException {
    execute("DROP DATABASE bench_" + databases.get() + " WITH (FORCE)");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** CPU seconds of PostgreSQL so far, all its processes. */
  double cpuSeconds() {
    return ProcFs.cpuSecondsOfFamily(pid);
  }

  @Override
  public void close() {
    IOHelper.close(postgres);
  }
}
