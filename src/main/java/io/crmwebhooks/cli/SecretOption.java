package io.crmwebhooks.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A secret, given in one of two ways. */
final class SecretOption {
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
    if (file == null) {
      return Optional.ofNullable(secret);
    }
    if (secret != null) {
      throw new CommandFailure(ExitCode.USAGE, "--secret and --secret-file: give one");
    }
    return Optional.of(
        new String(Input.bytes(file), StandardCharsets.UTF_8).replaceFirst("\\R\\z", ""));
  }
}
