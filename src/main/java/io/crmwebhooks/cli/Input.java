package io.crmwebhooks.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What a command reads besides its options. */
final class Input {
  private Input() {}

  /**
   * The bytes of a file, or of stdin when it is {@code -}.
   *
   * @throws CommandFailure when it cannot be read
   */
  static byte[] bytes(Path file) {
    try {
      return file.toString().equals("-") ? System.in.readAllBytes() : Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new CommandFailure(ExitCode.USAGE, "there is no file " + file);
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage());
    }
  }
}
