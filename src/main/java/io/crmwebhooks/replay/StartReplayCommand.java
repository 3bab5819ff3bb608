package io.crmwebhooks.replay;

import static io.crmwebhooks.replay.ReplayConsole.found;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.StartupException;
import io.crmwebhooks.admin.PastTime;
import io.crmwebhooks.admin.ProgressBar;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code crm-webhooks replay start}. */
@Command(
    name = "start",
    description = "Counts what would be sent, and starts sending it.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:started; with --wait: each has been sent once",
      "1:it failed, or was cancelled meanwhile",
      "2:wrong usage"
    })
final class StartReplayCommand implements Callable<Integer> {
  private static final long LOOK_MILLIS = 500;

  @ParentCommand private ReplayCommand parent;

  @Parameters(paramLabel = "WEBHOOK", description = "The id of the webhook.")
  private UUID webhook;

  @Option(
      names = "--since",
      required = true,
      converter = PastTime.class,
      description = "When the first change was made: " + PastTime.FORMS + ".")
  private Instant since;

  @Option(
      names = "--until",
      converter = PastTime.class,
      description = "When the range ends, in the same forms. Default: now.")
  private Instant until;

  @Option(
      names = {"-e", "--events"},
      split = ",",
      description = "Only these, as in person.created or person.*. Default: all that it wants.")
  private List<String> events;

  @Option(
      names = {"-m", "--mode"},
      defaultValue = "missing",
      description =
          "missing: what it has no delivery of; failed: what is dead or cancelled, under the same webhook-id;"
              + " all: everything, under new ones. Default: ${DEFAULT-VALUE}.")
  private ReplayMode mode;

  @Option(names = "--dry-run", description = "Only count.")
  private boolean dryRun;

  @Option(names = "--wait", description = "Wait for the end and show the progress.")
  private boolean wait;

  @Override
  public Integer call() {
    ReplayRequest request = request();
    ReplayConsole console = parent.console();
    return console.run(
        replays -> {
          if (dryRun || !console.json()) {
            console.print(count(replays, request, console), ReplayText::count);
          }
          if (dryRun) {
            return 0;
          }
          ObjectNode started = found(replays.start(request), "webhook " + webhook);
          ObjectNode replay = wait ? await(replays, started, console) : started;
          console.print(replay, ReplayText::show);
          return replay.path("state").asText().equals("cancelled") ? 1 : 0;
        });
  }

  private ReplayRequest request() {
    try {
      return new ReplayRequest(webhook, null, mode, since, until, events);
    } catch (IllegalArgumentException e) {
      throw new StartupException(e.getMessage(), e);
    }
  }

  private ObjectNode count(Replays replays, ReplayRequest request, ReplayConsole console)
      throws SQLException {
    try (ProgressBar bar = ProgressBar.onTerminal(console.err())) {
      return found(
          replays.count(request, fraction -> bar.at(fraction, "counting")), "webhook " + webhook);
    }
  }

  /** Looks again and again until the replay has ended; interrupting this does not end it. */
  private static ObjectNode await(Replays replays, ObjectNode started, ReplayConsole console)
      throws SQLException {
    long id = started.path("id").asLong();
    ObjectNode replay = started;
    try (ProgressBar bar = ProgressBar.onTerminal(console.err())) {
      while (!replay.path("state").asText().matches("done|cancelled")) {
        bar.at(replay.path("progress").asDouble(), ReplayText.beside(replay));
        Thread.sleep(LOOK_MILLIS);
        replay = found(replays.find(id, null), "replay " + id);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return replay;
  }
}
