package io.crmwebhooks.faults;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.util.IOHelper;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL that can be killed, and comes up again with the same data on the same port. Used by
 * one thread.
 */
final class Postgres implements AutoCloseable {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final EmbeddedPostgres embedded;
  private final Path log;
  private final List<String> command;
  private ProcessHandle postmaster;

  private Postgres(EmbeddedPostgres embedded, ProcessHandle postmaster, Path log) {
    this.embedded = embedded;
    this.postmaster = postmaster;
    this.log = log;
    // PostgreSQL refuses to run as root, and unshare is how the library starts it then.
    command = new ArrayList<>(isRoot() ? List.of("unshare", "-U") : List.of());
    command.add(postmaster.info().command().orElseThrow());
    command.addAll(List.of(postmaster.info().arguments().orElseThrow()));
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /**
   * @param folder gets the data while it runs, and its log when it was started anew
   */
  static Postgres start(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path data = Files.createTempDirectory(folder.toAbsolutePath(), "postgresql-");
    EmbeddedPostgres embedded =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(true)
            .setServerConfig("synchronous_commit", "on") // what is committed survives the kill
            .setServerConfig("max_connections", "200")
            .start();
    long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).trim());
    return new Postgres(
        embedded, ProcessHandle.of(pid).orElseThrow(), folder.resolve("postgresql.log"));
  }

  int port() {
    return embedded.getPort();
  }

  /** A new database, reached directly or by another port. */
  String createDatabase() throws SQLException {
    String name = "faults_" + DATABASES.incrementAndGet();
    try (Connection connection = embedded.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    }
    return name;
  }

  static String url(int port, String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres".formatted(port, database);
  }

  /** Opens a connection each time, so that it works again when the server does. */
  PGSimpleDataSource dataSource(String database) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url(port(), database));
    source.setSocketTimeout(60);
    source.setOptions("-c enable_seqscan=off -c jit=off"); // as the program's own sessions
    return source;
  }

  /** SIGKILL. Its children notice that it is gone and go, too. */
  void kill() {
    postmaster.destroyForcibly();
    try {
      postmaster.onExit().get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException("PostgreSQL survives a SIGKILL", e);
    }
  }

  /** Starts it after a kill; returns when it answers. */
  void restart() {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              if (!postmaster.isAlive()) { // also when it has met a child of the last one
                postmaster = launch();
              }
              return answers();
            });
  }

  private ProcessHandle launch() throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start()
        .toHandle();
  }

  private boolean answers() {
    try (Connection connection = dataSource("postgres").getConnection()) {
      return connection.isValid(5);
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  public void close() {
    IOHelper.close(embedded);
  }
}
