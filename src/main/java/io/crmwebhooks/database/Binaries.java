package io.crmwebhooks.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the embedded PostgreSQL's programs are unpacked: beside its data. Not in the temporary
 * folder, as the library would have it: that is cleaned in time under a running server, and it may
 * hold what another user has put there.
 */
final class Binaries {
  private Binaries() {}

  /** The folder for them, closed to other users: the library lets everybody write into its own. */
  static Path prepare(Path parent) throws IOException {
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
}
