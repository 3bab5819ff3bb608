package io.crmwebhooks.packaged;

import io.crmwebhooks.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** {@code crm-webhooks run} as the package starts it, in a process of its own. */
public final class PackagedProgram implements AutoCloseable {
  private static final Path SCRIPT =
      Path.of("target", "crm-webhooks", "bin", "crm-webhooks").toAbsolutePath();

  private static final String STARTED = "pipeline.started";

  private final Process process;
  private final Path log;
  private final int logBefore; // how many characters it had

  private PackagedProgram(Process process, Path log, int logBefore) {
    this.process = process;
    this.log = log;
    this.logBefore = logBefore;
  }

  /**
   * Starts it; returns at once.
   *
   * @param settings by the names of their environment variables; no others are passed on
   * @param log what it prints is appended here
   */
  public static PackagedProgram run(Map<String, String> settings, Path log) {
    ProcessBuilder builder = builder(settings, "run");
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    try {
      int logBefore = Files.exists(log) ? Files.readString(log).length() : 0;
      return new PackagedProgram(builder.start(), log, logBefore);
    } catch (IOException e) {
      throw new UncheckedIOException("run mvn package first", e);
    }
  }

  /** The output of a command on stdout, and its exit code. */
  public record Done(int code, String output) {}

  /** Runs a command that ends by itself. */
  public static Done command(Map<String, String> settings, String... arguments) {
    return end(builder(settings, arguments).redirectError(ProcessBuilder.Redirect.DISCARD));
  }

  /**
   * Runs a command to its end.
   *
   * @param settings as of {@link #run}
   * @return all that it prints, its log included
   * @throws IllegalStateException with that, when it ends otherwise than with {@code exitCode}
   */
  public static String command(Map<String, String> settings, int exitCode, String... arguments) {
    Done done = end(builder(settings, arguments).redirectErrorStream(true));
    if (done.code() != exitCode) {
      throw new IllegalStateException("it ended with " + done.code() + ": " + done.output());
    }
    return done.output();
  }

  private static Done end(ProcessBuilder builder) {
    try {
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Done(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException("run mvn package first", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static ProcessBuilder builder(Map<String, String> settings, String... arguments) {
    List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("WEBHOOKS_"));
    builder.environment().put("WEBHOOKS_HTTP_PORT", "0");
    builder.environment().put("WEBHOOKS_SECRETS_KEY", TestDatabase.STORAGE_KEY);
    builder.environment().put("WEBHOOKS_EGRESS_ALLOW", "127.0.0.1");
    builder.environment().put("WEBHOOKS_CUSTOM_ROUTES", TestDatabase.TEMPLATES);
    builder.environment().putAll(settings);
    return builder;
  }

  /** Of the virtual machine itself: the script has made place for it. */
  public long pid() {
    return process.pid();
  }

  /**
   * @throws IllegalStateException with the end of its log, when it has ended by itself
   */
  public void requireAlive() {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "the program has ended with " + process.exitValue() + ": " + endOfLog());
    }
  }

  private String endOfLog() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /**
   * Waits until it is at work.
   *
   * @throws IllegalStateException when it has ended before
   */
  public void awaitStarted() {
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              requireAlive();
              return Files.readString(log).indexOf(STARTED, logBefore) >= 0;
            });
  }

  /** Waits until so many deliveries have reached the receiver, as long as the program lives. */
  public void awaitReached(Ledger ledger, int deliveries) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              requireAlive();
              return ledger.reached() >= deliveries;
            });
  }

  /** SIGKILL: it has no chance to tidy up. Returns when it is gone. */
  public void kill() {
    process.destroyForcibly();
    await(10);
  }

  /**
   * SIGTERM.
   *
   * @return the exit code
   */
  public int stop() {
    process.destroy();
    if (!await(40)) {
      kill();
      throw new IllegalStateException("the program does not stop: " + endOfLog());
    }
    return process.exitValue();
  }

  private boolean await(long seconds) {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Leaves no process behind, whatever has happened. */
  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }
}
