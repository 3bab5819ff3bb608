package io.crmwebhooks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.cli.Commands;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;

/** Runs commands in this process, with an environment of their own. */
final class Cli {
  /** The output of a command, and its exit code. */
  record Ran(int code, String out, String err) {
    JsonNode json() {
      try {
        return new ObjectMapper().readTree(out);
      } catch (JsonProcessingException e) {
        throw new AssertionError("no JSON: " + out, e);
      }
    }

    @Override
    public String toString() {
      return "exit code " + code + "\n" + out + err;
    }
  }

  private final Map<String, String> environment;

  Cli(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Asks a server. */
  static Cli asking(String url, String token) {
    return new Cli(Map.of("WEBHOOKS_URL", url, "WEBHOOKS_TOKEN", token));
  }

  /** Works on a database, and may call this machine. */
  static Cli on(String databaseUrl) {
    return new Cli(
        Map.of(
            "WEBHOOKS_DATABASE_URL",
            databaseUrl,
            "WEBHOOKS_EGRESS_ALLOW",
            "127.0.0.1",
            "WEBHOOKS_ADMIN_TOKEN",
            "the token of the tests",
            "WEBHOOKS_SECRETS_KEY",
            TestDatabase.STORAGE_KEY));
  }

  Cli with(String variable, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(variable, value);
    return new Cli(more);
  }

  Ran run(Object... arguments) {
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Commands.commandLine(environment)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(texts);
    return new Ran(code, out.toString(), err.toString());
  }
}
