package io.crmwebhooks.cli;

import io.crmwebhooks.cli.ExitCode.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The files that a command reads. */
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

  /** A secret, given in one of two ways: a mixin of commands. */
  static final class Secret {
    @Option(
        names = {"-s", "--secret"},
        description =
            "The secret that signs: whsec_ and the base64 of 24 bytes or more, whsk_ and the base64 of an ed25519 key, or any text. Empty where a webhook is to be unsigned.")
    private String secret;

    @Option(
        names = "--secret-file",
        paramLabel = "FILE",
        description =
            "Read the secret from a file, so that other users of this machine do not see it.")
    private Path file;

    /** Empty when none is given. */
    Optional<String> read() {
      return Input.secret("--secret", secret, file);
    }
  }

  /**
   * A secret from an option or from a file; empty when neither is given.
   *
   * @param option its name; that of the file ends with {@code -file}
   */
  static Optional<String> secret(String option, String given, Path file) {
    if (file == null) {
      return Optional.ofNullable(given);
    }
    if (given != null) {
      throw new CommandFailure(ExitCode.USAGE, "%1$s and %1$s-file: give one".formatted(option));
    }
    return Optional.of(new String(bytes(file), StandardCharsets.UTF_8).replaceFirst("\\R\\z", ""));
  }
}
