package io.crmwebhooks.database;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The texts of the statements, by the names of their files. A file in the folder {@code sql} of the
 * working directory, where the package has them, wins over the one that was built in. Each is read
 * once, so an edited one takes effect at the next start. Thread-safe.
 */
public final class Statements {
  private static final Statements OF_THIS_PROCESS = new Statements(Path.of("sql"));

  private final Path folder;
  private final Map<String, String> texts = new ConcurrentHashMap<>();

  Statements(Path folder) {
    this.folder = folder;
  }

  /** Those that this process runs. */
  public static Statements ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /**
   * @param file such as {@code claim-due.sql}
   * @throws IllegalArgumentException when this version has no such statement
   */
  String text(String file) {
    return texts.computeIfAbsent(file, this::read);
  }

  /** Whether this version has a statement in a file of that name. */
  public boolean exists(String file) {
    return Statements.class.getResource("/sql/" + file) != null;
  }

  private String read(String file) {
    if (!exists(file)) {
      throw new IllegalArgumentException("there is no statement sql/" + file);
    }
    Path own = folder.resolve(file);
    try {
      return Files.exists(own) ? Files.readString(own) : builtIn("/sql/" + file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + own + ": " + e.getMessage(), e);
    }
  }

  /** A file of SQL on the class path. */
  static String builtIn(String resource) {
    try (InputStream in = Statements.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
