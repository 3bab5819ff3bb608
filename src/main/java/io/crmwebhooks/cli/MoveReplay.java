package io.crmwebhooks.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks replay show|pause|resume|cancel}. */
abstract class MoveReplay extends ApiCommand {
  private final String verb;

  @Parameters(paramLabel = "ID", description = "As listed.")
  private long id;

  /**
   * @param verb of the API; null: it is only looked at
   */
  MoveReplay(String verb) {
    this.verb = verb;
  }

  @Override
  int run(AdminApi api, Console console) throws Exception {
    String path = "/rest/replays/" + id;
    console.print(
        api.call(verb == null ? Request.get(path) : Request.post(path + "/" + verb)),
        ReplayText::show);
    return ExitCode.OK;
  }

  @Command(name = "show", description = "Shows a replay and what became of its deliveries.")
  static final class Show extends MoveReplay {
    Show() {
      super(null);
    }
  }

  @Command(name = "pause", description = "Has a replay owe nothing more until it is resumed.")
  static final class Pause extends MoveReplay {
    Pause() {
      super("pause");
    }
  }

  @Command(name = "resume", description = "Goes on with a paused replay.")
  static final class Resume extends MoveReplay {
    Resume() {
      super("resume");
    }
  }

  @Command(
      name = "cancel",
      description = "Ends a replay, and cancels what it owes and has not sent.")
  static final class Cancel extends MoveReplay {
    Cancel() {
      super("cancel");
    }
  }
}
