package io.crmwebhooks.replay;

import static io.crmwebhooks.replay.ReplayConsole.found;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * {@code crm-webhooks replay}: works on the database; the replays are carried out by whichever
 * processes run the pipeline.
 */
@Command(
    name = "replay",
    description = "Sends past changes to a webhook again.",
    mixinStandardHelpOptions = true,
    subcommands = StartReplayCommand.class,
    synopsisSubcommandLabel = "(start | list | show | pause | resume | cancel)",
    footerHeading = "%nExamples:%n",
    footer = {
      "  What a new webhook has missed of the last three days:",
      "    crm-webhooks replay start WEBHOOK --since 3d",
      "  What has failed during the night:",
      "    crm-webhooks replay start WEBHOOK --since 8h --mode failed --wait",
      "  How much all of one day would be:",
      "    crm-webhooks replay start WEBHOOK --since 2025-02-10 --until 2025-02-11 --mode all --dry-run"
    })
public final class ReplayCommand {
  @Spec private CommandSpec spec;

  @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print JSON.")
  private boolean json;

  ReplayConsole console() {
    return new ReplayConsole(spec, json);
  }

  @Command(description = "Lists the replays, the newest first.", mixinStandardHelpOptions = true)
  int list(
      @Option(names = "--webhook", description = "Only those to this webhook.") UUID webhook,
      @Option(
              names = "--limit",
              defaultValue = "50",
              description = "How many at most (default: ${DEFAULT-VALUE}).")
          int limit) {
    ReplayConsole console = console();
    return console.run(
        replays -> {
          console.print(
              JsonNodeFactory.instance.arrayNode().addAll(replays.list(webhook, null, null, limit)),
              ReplayText::list);
          return 0;
        });
  }

  @Command(
      description = "Shows a replay and what became of its deliveries.",
      mixinStandardHelpOptions = true)
  int show(@Parameters(paramLabel = "ID", description = "As listed.") long id) {
    return on(id, replays -> replays.find(id, null));
  }

  @Command(
      description = "Has a replay owe nothing more until it is resumed.",
      mixinStandardHelpOptions = true)
  int pause(@Parameters(paramLabel = "ID", description = "As listed.") long id) {
    return on(id, replays -> replays.pause(id, null));
  }

  @Command(description = "Goes on with a paused replay.", mixinStandardHelpOptions = true)
  int resume(@Parameters(paramLabel = "ID", description = "As listed.") long id) {
    return on(id, replays -> replays.resume(id, null));
  }

  @Command(
      description = "Ends a replay, and cancels what it owes and has not sent.",
      mixinStandardHelpOptions = true)
  int cancel(@Parameters(paramLabel = "ID", description = "As listed.") long id) {
    return on(id, replays -> replays.cancel(id, null));
  }

  private interface Act {
    Optional<ObjectNode> on(Replays replays) throws SQLException;
  }

  private int on(long id, Act act) {
    ReplayConsole console = console();
    return console.run(
        replays -> {
          console.print(found(act.on(replays), "replay " + id), ReplayText::show);
          return 0;
        });
  }
}
