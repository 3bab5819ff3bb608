package io.crmwebhooks.faults;

import io.crmwebhooks.packaged.PackagedProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Packaged programs that share a database. Used by one thread. */
final class Nodes implements AutoCloseable {
  private final PackagedProgram[] programs;
  private final Map<String, String> settings;
  private final Path folder;
  private int turn;

  /**
   * @param folder gets a log of each
   */
  Nodes(int count, Map<String, String> settings, Path folder) throws IOException {
    this.programs = new PackagedProgram[count];
    this.settings = settings;
    this.folder = folder;
    Files.createDirectories(folder);
    for (int node = 0; node < count; node++) {
      Files.deleteIfExists(log(node));
    }
  }

  private Path log(int node) {
    return folder.resolve("process-" + node + ".log");
  }

  int count() {
    return programs.length;
  }

  /** Each in its turn, so that it is one that has been at work for a while. */
  int next() {
    return turn++ % programs.length;
  }

  void start(int node) {
    programs[node] = PackagedProgram.run(settings, log(node));
  }

  void startAll() {
    for (int node = 0; node < programs.length; node++) {
      start(node);
    }
  }

  /** Waits until all are at work: one that begins without its database gives up, as it should. */
  void awaitStarted() {
    for (PackagedProgram program : programs) {
      program.awaitStarted();
    }
  }

  /** SIGKILL; returns when it is gone. */
  void kill(int node) {
    programs[node].kill();
  }

  /** SIGTERM; returns when it has ended as it should. */
  void stop(int node) {
    int code = programs[node].stop();
    if (code != 0) {
      throw new IllegalStateException("the program has ended with " + code + " after SIGTERM");
    }
  }

  void killAll() {
    for (int node = 0; node < programs.length; node++) {
      kill(node);
    }
  }

  void signal(int node, String signal) {
    signal(programs[node].pid(), signal);
  }

  static void signal(long pid, String signal) {
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** None may end by itself, whatever happens to it. */
  void requireAlive() {
    for (PackagedProgram program : programs) {
      program.requireAlive();
    }
  }

  @Override
  public void close() {
    for (PackagedProgram program : programs) {
      if (program != null) {
        program.close();
      }
    }
  }
}
