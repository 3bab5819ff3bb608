package io.crmwebhooks.demo;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.Version;
import java.nio.file.Files;
import java.nio.file.Path;

/** The demo's text before its first line. */
public final class Welcome {
  private Welcome() {}

  /**
   * @param token of the API, bound to the sample workspace
   */
  public static String text(Settings settings, String token, SampleReceiver receiver) {
    StringBuilder webhooks = new StringBuilder();
    for (SampleWebhook webhook : SampleWebhook.values()) {
      webhooks.append("    %-11s  %s%n".formatted(webhook.path(), webhook.explanation()));
    }
    return """

        crm-webhooks %1$s, the demo. Ctrl-C ends all of it.

          CRM        people are at work in a small Twenty; each committed change becomes webhooks
          receiver   %2$s gets them and verifies their signatures with code of its own; its endpoints:
        %3$s  console    http://localhost:%4$d/#token=%5$s
                     opens signed in: make a webhook, press test, see what failed and why, replay the last hour;
                     for a receiver of your own take %6$s, and %7$s to see failures
          API        http://localhost:%4$d/openapi.json says what it can; its token, for this run and the workspace of the CRM, is the one above
          health     http://localhost:%4$d/observe/health
          log        errors only here; with WEBHOOKS_LOG_LEVEL=INFO also what the pipeline says of each failure

          From a second terminal, all that an operator does; a webhook of your own is served at once, here to the same receiver:
            export WEBHOOKS_URL=http://localhost:%4$d WEBHOOKS_TOKEN=%5$s
            %8$s
            %9$s

        time      endpoint     event                 record: changed fields                  what the receiver found
        """
        .formatted(
            Version.text(),
            receiver.url(""),
            webhooks,
            settings.integer("webhooks.http.port"),
            token,
            receiver.url("/mine"),
            receiver.url(SampleReceiver.BROKEN),
            command("webhook add " + receiver.url("/mine") + " --operations person.*"),
            command("help"));
  }

  /** As typed in the folder the demo was started in: that of the package, or a checkout. */
  private static String command(String arguments) {
    return Files.isDirectory(Path.of("lib"))
        ? "bin/crm-webhooks " + arguments.replace("person.*", "'person.*'")
        : "mvn -B -q compile exec:java -Dexec.args='" + arguments + "'";
  }
}
