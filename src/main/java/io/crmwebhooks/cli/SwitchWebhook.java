package io.crmwebhooks.cli;

import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks webhook enable|disable|resume}. */
abstract class SwitchWebhook extends ApiCommand {
  private final String verb;
  private final String done;

  @Parameters(paramLabel = "ID", description = "As listed.")
  private UUID id;

  /**
   * @param verb of the API
   * @param done what is said then
   */
  SwitchWebhook(String verb, String done) {
    this.verb = verb;
    this.done = done;
  }

  @Override
  int run(AdminApi api, Console console) throws Exception {
    console.print(
        api.call(Request.post("/rest/webhooks/" + id + "/" + verb)),
        webhook -> done + " webhook " + id);
    return ExitCode.OK;
  }

  @Command(
      name = "enable",
      description = "Has a webhook served again; what is pending for it is sent when it is due.")
  static final class Enable extends SwitchWebhook {
    Enable() {
      super("enable", "enabled");
    }
  }

  @Command(
      name = "disable",
      description =
          "Has nothing sent to a webhook. What is pending waits; changes made meanwhile are for a replay.")
  static final class Disable extends SwitchWebhook {
    Disable() {
      super("disable", "disabled");
    }
  }

  @Command(
      name = "resume",
      description = "Enables a webhook, and has what is pending for it tried at once.")
  static final class Resume extends SwitchWebhook {
    Resume() {
      super("resume", "resumed");
    }
  }
}
