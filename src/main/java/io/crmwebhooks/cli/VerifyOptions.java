package io.crmwebhooks.cli;

import io.crmwebhooks.verify.Verifier;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What signatures are checked by. */
final class VerifyOptions {
  @Mixin private SecretOption secret = new SecretOption();

  @Option(
      names = "--tolerance",
      converter = TimeSpan.class,
      defaultValue = "5m",
      description =
          "How far the timestamp may be from the time of receipt. Default: ${DEFAULT-VALUE}.")
  private Duration tolerance;

  /** Empty when no secret is given. */
  Optional<Verifier> verifier() {
    return secret.read().map(text -> new Verifier(text, tolerance));
  }
}
