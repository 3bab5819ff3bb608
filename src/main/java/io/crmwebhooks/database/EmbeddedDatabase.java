package io.crmwebhooks.database;

import io.crmwebhooks.settings.StartupException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL started by this process, with its data in a folder that outlives it. One
 * process at a time owns the folder; a further one (a command beside the running pipeline) uses the
 * server of the first.
 *
 * <p>A killed process leaves its server running. The process that takes the folder over stops that
 * one first, so that the new server belongs to the new process; PostgreSQL recovers what was
 * committed.
 */
final class EmbeddedDatabase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);
  private static final Duration START_WAIT = Duration.ofSeconds(60);

  private final int port;
  private final EmbeddedPostgres server; // null: it belongs to another process
  private final FileLock lock;

  private EmbeddedDatabase(int port, EmbeddedPostgres server, FileLock lock) {
    this.port = port;
    this.server = server;
    this.lock = lock;
  }

  static EmbeddedDatabase open(Path folder) {
    Path data = folder.toAbsolutePath().normalize().resolve("postgresql");
    try {
      Files.createDirectories(data.getParent());
      FileLock lock = tryLock(data.resolveSibling("lock"));
      if (lock == null) {
        int port = portOfTheOwner(data);
        LOG.info(
            "using the embedded PostgreSQL of the process that runs in {}, port {}",
            data.getParent(),
            port);
        return new EmbeddedDatabase(port, null, null);
      }
      return own(data, lock);
    } catch (StartupException e) {
      throw e;
    } catch (IOException | RuntimeException | ExceptionInInitializerError e) {
      throw new StartupException(
          "cannot start the embedded PostgreSQL in webhooks.database.data=%s: %s; set webhooks.database.url to use another"
              .formatted(folder, e.getMessage() == null ? e.getCause() : e.getMessage()),
          e);
    }
  }

  private static EmbeddedDatabase own(Path data, FileLock lock) throws IOException {
    EmbeddedPostgres server = null;
    try {
      stopOrphan(data);
      server = start(data);
      LOG.info("started the embedded PostgreSQL on port {}, data in {}", server.getPort(), data);
      return new EmbeddedDatabase(server.getPort(), server, lock);
    } finally {
      if (server == null) {
        lock.channel().close(); // so that a later try finds the folder free
      }
    }
  }

  private static EmbeddedPostgres start(Path data) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setOverrideWorkingDirectory(binaries(data.getParent()).toFile())
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPGStartupWait(START_WAIT)
        // The library turns durability off; a delivery must outlive a power cut.
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("listen_addresses", "localhost")
        // The same sorting everywhere, whatever the locale of the machine.
        .setLocaleConfig("locale", "C")
        .setLocaleConfig("locale-provider", "builtin")
        .setLocaleConfig("builtin-locale", "C.UTF-8")
        .start();
  }

  /**
   * The folder for PostgreSQL's programs. It is beside the data, since the temporary folder is
   * cleaned under a running server. It is closed to other users, since the library lets everybody
   * write into its own.
   */
  static Path binaries(Path parent) throws IOException {
    Path closed = Files.createDirectories(parent.resolve("binaries"));
    closed.toFile().setExecutable(false, false);
    closed.toFile().setExecutable(true, true);
    Path unpacked = Files.createDirectories(closed.resolve("unpacked"));
    dropHalfDone(unpacked);
    return unpacked;
  }

  /**
   * The library marks what is complete with a file {@code .exists}; of what was interrupted it
   * would keep the truncated files for ever.
   */
  private static void dropHalfDone(Path unpacked) throws IOException {
    try (Stream<Path> versions = Files.list(unpacked)) {
      for (Path version : versions.filter(v -> !Files.exists(v.resolve(".exists"))).toList()) {
        delete(version);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(folder)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }

  private static FileLock tryLock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
      }
      return lock;
    } catch (OverlappingFileLockException e) { // held by this very process
      channel.close();
      return null;
    }
  }

  private static int portOfTheOwner(Path data) throws IOException {
    long giveUp = System.nanoTime() + START_WAIT.toNanos();
    while (System.nanoTime() < giveUp) {
      Optional<List<String>> postmaster = postmaster(data);
      if (postmaster.isPresent()
          && postmaster.get().size() >= 8
          && postmaster.get().get(7).startsWith("ready")) {
        return Integer.parseInt(postmaster.get().get(3).trim());
      }
      pause();
    }
    throw new StartupException(
        "another process holds " + data.getParent() + " but its PostgreSQL does not come up");
  }

  /**
   * The lines of postmaster.pid: pid, data folder, start time, port, socket folder, address, shared
   * memory, state.
   */
  private static Optional<List<String>> postmaster(Path data) throws IOException {
    Path file = data.resolve("postmaster.pid");
    return Files.exists(file) ? Optional.of(Files.readAllLines(file)) : Optional.empty();
  }

  private static void stopOrphan(Path data) throws IOException {
    Optional<ProcessHandle> orphan =
        postmaster(data)
            .filter(lines -> !lines.isEmpty())
            .flatMap(lines -> ProcessHandle.of(Long.parseLong(lines.get(0).trim())))
            .filter(process -> isServerOf(process, data));
    if (orphan.isPresent()) {
      LOG.info(
          "stopping the PostgreSQL that a killed process left behind, pid {}", orphan.get().pid());
      // SIGINT is PostgreSQL's fast shutdown, SIGTERM would wait for clients that no longer exist.
      new ProcessBuilder("kill", "-INT", Long.toString(orphan.get().pid())).start();
      try {
        orphan.get().onExit().get(START_WAIT.toSeconds(), TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StartupException(
            "interrupted while the PostgreSQL of a killed process shut down", e);
      } catch (Exception e) {
        throw new StartupException(
            "the PostgreSQL with pid %d does not stop".formatted(orphan.get().pid()), e);
      }
    }
  }

  /** The pid may belong to another process by now, even to the PostgreSQL of another folder. */
  private static boolean isServerOf(ProcessHandle process, Path data) {
    ProcessHandle.Info info = process.info();
    return info.command().orElse("").endsWith("postgres")
        && info.arguments().map(List::of).orElse(List.of()).contains(data.toString());
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while waiting for the embedded PostgreSQL", e);
    }
  }

  String url() {
    return "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(port);
  }

  @Override
  public void close() {
    if (server == null) {
      return;
    }
    try {
      server.close();
      lock.channel().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
