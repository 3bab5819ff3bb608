package io.crmwebhooks.cli;

import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Whom a command asks: a server by its URL, or the database of the settings. */
final class Target {
  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Ask the server there, such as http://localhost:8080. Default: $WEBHOOKS_URL.")
  private String url;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "Token for that server. Default: $WEBHOOKS_TOKEN, which other users of this machine"
              + " cannot see.")
  private String token;

  @Option(
      names = "--database",
      description =
          "Work on the database of the settings, whether or not a server runs. Default: when no URL"
              + " is known.")
  private boolean database;

  /**
   * @throws ParameterException when it is said twice
   */
  AdminApi open(CommandSpec spec) {
    Map<String, String> environment = Program.of(spec).environment();
    if (database && url != null) {
      throw new ParameterException(
          spec.commandLine(), "--url and --database: give one, whom to ask");
    }
    String asked = database ? null : orVariable(url, environment.get("WEBHOOKS_URL"));
    if (asked != null) {
      return HttpApi.of(asked, orVariable(token, environment.get("WEBHOOKS_TOKEN")));
    }
    if (token != null) {
      throw new ParameterException(
          spec.commandLine(), "--token is for a server: give its --url, or set WEBHOOKS_URL");
    }
    return DirectApi.open(Program.of(spec).settings());
  }

  private static String orVariable(String option, String variable) {
    if (option != null) {
      return option;
    }
    return variable == null || variable.isBlank() ? null : variable.trim();
  }
}
