package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The client credentials of a webhook as options: a mixin of commands. */
final class OAuth2Options {
  @Option(
      names = "--oauth2-token-url",
      paramLabel = "URL",
      description = "Sends an access token that this server gives for client credentials.")
  private String tokenUrl;

  @Option(
      names = "--oauth2-client-id",
      paramLabel = "ID",
      description = "The name that the token server knows the webhook by.")
  private String clientId;

  @Option(
      names = "--oauth2-client-secret",
      paramLabel = "SECRET",
      description =
          "Its secret there. A change with the same URL and id may leave it out, and keeps it.")
  private String clientSecret;

  @Option(
      names = "--oauth2-client-secret-file",
      paramLabel = "FILE",
      description =
          "Read that secret from a file, so that other users of this machine do not see it.")
  private Path clientSecretFile;

  @Option(
      names = "--oauth2-scope",
      paramLabel = "SCOPE",
      description = "The scope to ask for: names with a blank between them.")
  private String scope;

  @Option(
      names = "--oauth2-audience",
      paramLabel = "AUDIENCE",
      description = "The audience to ask for, where the token server wants one.")
  private String audience;

  /** The field that they make; empty when none is given. */
  Optional<ObjectNode> read() {
    ObjectNode given = Json.object();
    put(given, "tokenUrl", tokenUrl);
    put(given, "clientId", clientId);
    put(
        given,
        "clientSecret",
        Input.secret("--oauth2-client-secret", clientSecret, clientSecretFile).orElse(null));
    put(given, "scope", scope);
    put(given, "audience", audience);
    return given.isEmpty() ? Optional.empty() : Optional.of(given);
  }

  private static void put(ObjectNode given, String name, String value) {
    if (value != null) {
      given.put(name, value);
    }
  }
}
