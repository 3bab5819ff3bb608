package io.crmwebhooks.demo;

import io.crmwebhooks.CrmWebhooks;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the commands of an operator once and shows nothing of it, so that the archive of classes,
 * which is made of a demo, has theirs too.
 */
public final class Rehearsal {
  private static final List<String> COMMANDS =
      List.of(
          "webhook list",
          "webhook list --database",
          "webhook list --json",
          "delivery list",
          "event list",
          "stats",
          "replay list",
          "reconcile",
          "token list",
          "webhook show 5a17e000-0000-4000-8000-000000000001",
          "send-test 5a17e000-0000-4000-8000-000000000001",
          "verify --secret s -H webhook-signature:v1,a --body {}",
          "webhook --help",
          "no-command");

  private Rehearsal() {}

  public static void of(int port, String token) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("WEBHOOKS_URL", "http://127.0.0.1:" + port);
    environment.put("WEBHOOKS_TOKEN", token);
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    for (String command : COMMANDS) {
      CrmWebhooks.commandLine(environment)
          .setOut(nowhere)
          .setErr(nowhere)
          .execute(command.split(" "));
    }
  }
}
