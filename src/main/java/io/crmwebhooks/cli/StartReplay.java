package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.ReplayMode;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks replay start}. */
@Command(
    name = "start",
    description = "Counts what would be sent, and starts sending it.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:started; with --wait: each has been sent once",
      "1:it was cancelled meanwhile"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks replay start WEBHOOK --since 3d --dry-run",
      "  crm-webhooks replay start WEBHOOK --since 8h --mode failed --wait"
    })
final class StartReplay extends ApiCommand {
  private static final long LOOK_MILLIS = 500;

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
  int run(AdminApi api, Console console) throws Exception {
    if (dryRun || !console.json()) {
      console.print(count(api, console), ReplayText::count);
    }
    if (dryRun) {
      return ExitCode.OK;
    }
    JsonNode started = api.call(start(false));
    JsonNode replay = wait ? await(api, started, console) : started;
    console.print(replay, ReplayText::show);
    return replay.path("state").asText().equals("cancelled") ? ExitCode.FAILED : ExitCode.OK;
  }

  private Request start(boolean onlyCount) {
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
    return Request.post("/rest/replays").with(body);
  }

  private JsonNode count(AdminApi api, Console console) throws Exception {
    try (ProgressBar bar = console.bar()) {
      return api.call(start(true).watchedBy(bar.of("counting")));
    }
  }

  /** Looks again and again until the replay has ended; interrupting this does not end it. */
  private static JsonNode await(AdminApi api, JsonNode started, Console console) throws Exception {
    Request show = Request.get("/rest/replays/" + started.path("id").asText());
    JsonNode replay = started;
    try (ProgressBar bar = console.bar()) {
      while (!replay.path("state").asText().matches("done|cancelled")) {
        bar.at(replay.path("progress").asDouble(), ReplayText.beside(replay));
        Thread.sleep(LOOK_MILLIS);
        replay = api.call(show);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return replay;
  }
}
