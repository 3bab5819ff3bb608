package io.crmwebhooks.secret;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The file that keeps the storage keys: one a line, the newest last; empty lines and those that
 * begin with # do not count. It is made for its owner alone, and only ever replaced as a whole.
 */
final class KeyFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final String HEADER =
      """
      # The keys that crm-webhooks stores the secrets of its webhooks under; the newest stands last.
      # Keep a copy apart from the database's backups: without this file the secrets cannot be read.
      """;

  private final Path file;

  KeyFile(Path file) {
    this.file = file.toAbsolutePath().normalize();
  }

  Path path() {
    return file;
  }

  boolean exists() {
    return Files.exists(file);
  }

  /**
   * The keys, oldest first; none when there is no file.
   *
   * @throws IllegalArgumentException when a line is no key, naming its number
   */
  List<StorageKey> read() throws IOException {
    List<StorageKey> keys = new ArrayList<>();
    List<String> lines = exists() ? Files.readAllLines(file) : List.of();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        try {
          keys.add(StorageKey.parse(line));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage(), e);
        }
      }
    }
    return keys;
  }

  /** Whether others than its owner may read it. */
  boolean isOpenToOthers() throws IOException {
    return exists()
        && isPosix(file)
        && Files.getPosixFilePermissions(file).stream()
            .anyMatch(p -> p.name().startsWith("GROUP_") || p.name().startsWith("OTHERS_"));
  }

  /**
   * Adds a key at the end; it is on the disk when this returns. Processes that do so at once wait
   * for each other, so that none loses the key of another.
   */
  void append(StorageKey key) throws IOException {
    synchronized (KeyFile.class) { // a lock on a file is one of the whole process
      Files.createDirectories(file.getParent());
      Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        String before = exists() ? Files.readString(file) : HEADER;
        String separator = before.endsWith("\n") ? "" : "\n";
        replace(before + separator + key.base64() + "\n");
      }
    }
  }

  private void replace(String text) throws IOException {
    Path target = exists() ? file.toRealPath() : file; // a link stays one
    Path folder = target.getParent();
    Path made = Files.createTempFile(folder, target.getFileName() + ".", ".new", ownerOnly(folder));
    try {
      try (FileChannel channel = FileChannel.open(made, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(made);
    }
    if (isPosix(folder)) { // else a power cut could take the new name away again
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path folder) throws IOException {
    return isPosix(folder)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix(Path path) throws IOException {
    return Files.getFileStore(path).supportsFileAttributeView("posix");
  }
}
