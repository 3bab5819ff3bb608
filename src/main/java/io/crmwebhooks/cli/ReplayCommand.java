package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.ReplayMode;
import io.crmwebhooks.cli.AdminApi.Request;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code crm-webhooks replay}; the replays are carried out by whichever processes run the pipeline.
 */
@Command(
    name = "replay",
    description = "Sends past changes to a webhook again.",
    footer = {
      "  Changes of the last three days that a new webhook has missed:",
      "    crm-webhooks replay start WEBHOOK --since 3d",
      "  Deliveries that failed during the night:",
      "    crm-webhooks replay start WEBHOOK --since 8h --mode failed --wait",
      "  The number of deliveries for all of one day:",
      "    crm-webhooks replay start WEBHOOK --since 2025-02-10 --until 2025-02-11 --mode all --dry-run"
    })
final class ReplayCommand extends Program.Group {
  private static final String ALL = "/rest/replays";
  private static final long LOOK_MILLIS = 500;
  private static final String STATES = "%s delivered, %s pending, %s dead, %s cancelled";
  static final Table TABLE =
      new Table("No replays yet. Start one: crm-webhooks replay start <webhook> --since 2h")
          .columns("ID /id, STATE /state")
          .column("PROGRESS", replay -> Text.percent(replay.path("progress")))
          .columns("OWED #/owed, MODE /mode, WEBHOOK /webhookId, SINCE /since, UNTIL /until");

  /** Asks for one of them. */
  static final class One extends Session {
    @Parameters(paramLabel = "ID", description = "As listed.")
    private long id;

    private String path() {
      return ALL + "/" + id;
    }
  }

  /** Which changes are sent again. */
  static final class Range {
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
            "missing: changes without a delivery to it; failed: dead and cancelled deliveries, under the "
                + "same webhook-id; all: every change, under new ones. Default: ${DEFAULT-VALUE}.")
    private ReplayMode mode;

    private Request request(boolean onlyCount) {
      ObjectNode body =
          Json.object()
              .put("webhookId", webhook.toString())
              .put("mode", mode.key())
              .put("since", since.toString())
              .put("dryRun", onlyCount);
      if (until != null) {
        body.put("until", until.toString());
      }
      if (events != null) {
        events.forEach(body.putArray("events")::add);
      }
      return Request.post(ALL).with(body);
    }
  }

  @Command(
      name = "start",
      description = "Counts the deliveries, and starts to send them.",
      exitCodeList = {
        "0:started; with --wait: each has been sent once",
        "1:it was cancelled meanwhile"
      },
      footer = {
        "  crm-webhooks replay start WEBHOOK --since 3d --dry-run",
        "  crm-webhooks replay start WEBHOOK --since 8h --mode failed --wait"
      })
  int start(
      @Mixin Session session,
      @Mixin Range range,
      @Option(names = "--dry-run", description = "Only count.") boolean dryRun,
      @Option(names = "--wait", description = "Wait for the end and show the progress.")
          boolean wait)
      throws Exception {
    return session.run(
        api -> {
          if (dryRun || !session.json()) {
            JsonNode count;
            try (Console.Bar bar = session.bar()) {
              count = api.call(range.request(true).watchedBy(bar.of("counting")));
            }
            session.print(count, ReplayCommand::counted);
          }
          if (dryRun) {
            return ExitCode.OK;
          }
          JsonNode started = api.call(range.request(false));
          JsonNode replay = wait ? await(api, started, session) : started;
          session.print(replay, ReplayCommand::words);
          return replay.path("state").asText().equals("cancelled") ? ExitCode.FAILED : ExitCode.OK;
        });
  }

  /** Looks again and again until the replay has ended; interrupting this does not end it. */
  private static JsonNode await(AdminApi api, JsonNode started, Session session) throws Exception {
    JsonNode replay = started;
    try (Console.Bar bar = session.bar()) {
      while (!replay.path("state").asText().matches("done|cancelled")) {
        bar.at(replay.path("progress").asDouble(), beside(replay));
        Thread.sleep(LOOK_MILLIS);
        replay = api.call(Request.get(ALL + "/" + started.path("id").asText()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return replay;
  }

  @Command(name = "list", description = "Lists the replays, the newest first.")
  int list(
      @Mixin Session.Paged session,
      @Option(names = "--webhook", paramLabel = "ID", description = "Only those to this webhook.")
          UUID webhook)
      throws Exception {
    return session.list(Request.get(ALL).with("webhookId", webhook), TABLE::of);
  }

  @Command(name = "show", description = "Shows a replay and the states of its deliveries.")
  int show(@Mixin One replay) throws Exception {
    return replay.show(Request.get(replay.path()), ReplayCommand::words);
  }

  @Command(
      name = "pause",
      description = "Pauses a replay: it owes nothing more until it is resumed.")
  int pause(@Mixin One replay) throws Exception {
    return move(replay, "pause");
  }

  @Command(name = "resume", description = "Resumes a paused replay.")
  int resume(@Mixin One replay) throws Exception {
    return move(replay, "resume");
  }

  @Command(name = "cancel", description = "Ends a replay, and cancels its pending deliveries.")
  int cancel(@Mixin One replay) throws Exception {
    return move(replay, "cancel");
  }

  private static int move(One replay, String verb) throws Exception {
    return replay.show(Request.post(replay.path() + "/" + verb), ReplayCommand::words);
  }

  /** A replay, for the terminal. */
  static String words(JsonNode replay) {
    return "replay %s is %s, %s%n"
            .formatted(
                replay.path("id").asText(),
                replay.path("state").asText(),
                Text.percent(replay.path("progress")))
        + Text.format("  webhook  %s%n", replay, "webhookId")
        + range(replay)
        + Text.format("  owed     %s: ", replay, "owed")
        + Text.format(
            STATES + "%n", replay.path("deliveries"), "delivered", "pending", "dead", "cancelled")
        + Text.formatIfAny("  dropped  %s by the customise route%n", replay, "dropped")
        + Text.formatIfAny("  refused  %s, since they cannot be dispatched%n", replay, "refused")
        + Text.formatIfAny("  error    %s%n", replay, "error")
        + Text.formatIfAny("  waits    %s%n", replay, "waiting");
  }

  /** The count of what a replay would send, for the terminal. */
  static String counted(JsonNode count) {
    return Text.format("%s of %s matching changes would be sent%n", count, "toSend", "matched")
        + range(count)
        + Text.format("  now      " + STATES, count, "delivered", "pending", "dead", "cancelled")
        + Text.format(", %s never owed%n", count, "missing")
        + Text.format("           %s queued, %s parked,", count, "queued", "parked")
        + Text.format(" %s dropped by the customise route%n", count, "dropped")
        + Text.formatIfAny(
            "  removed  %s, which cannot be sent any more%n"
                + "           (of the days at both ends all are counted)%n",
            count, "removed");
  }

  private static String range(JsonNode of) {
    String events = Text.of(of.path("events")).replace(",", ", ");
    return "  range    %s changes".formatted(of.path("mode").asText())
        + (events.equals("-") ? "" : " of " + events)
        + Text.format(" since %s until %s%n", of, "since", "until");
  }

  /** One line, to stand beside a progress bar. */
  static String beside(JsonNode replay) {
    return "replay "
        + replay.path("id").asText()
        + Text.format(
            ", %s owed, %s", replay, "owed", replay.hasNonNull("waiting") ? "waiting" : "state");
  }
}
