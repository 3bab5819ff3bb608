package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.cli.AdminApi.Request;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks change}: what became of them, and those that could not be processed. */
@Command(
    name = "change",
    description = "Shows changes, and puts back those that could not be processed and are parked.",
    footer = {
      "  crm-webhooks change list --parked --since 12h",
      "  crm-webhooks change show 4711",
      "  crm-webhooks change retry --reason timeout"
    })
final class ChangeCommand extends Program.Group {
  private static final String PARKED = "/rest/parked-changes";
  private static final Table TABLE =
      new Table("No parked change matches.")
          .columns("CHANGE /id, EVENT /event, RECORD /recordId, OCCURRED AT /occurredAt")
          .columns("PARKED AT /parkedAt, PARKED BECAUSE /reason");

  /** Options that say which parked changes are meant. */
  static final class Filter {
    @Mixin private EventCommand.Named events;
    @Mixin private PastTime.Range range;

    @Option(
        names = "--reason",
        paramLabel = "WORDS",
        description =
            "Only parked changes whose reason has these words, in small or capital letters.")
    private String reason;

    Request on(Request request) {
      return range.on(events.on(request)).with("reason", reason);
    }
  }

  @Command(
      name = "list",
      description = "Lists changes and what became of them, the newest first; or parked ones only.",
      footer = {
        "  crm-webhooks change list --since 1h",
        "  crm-webhooks change list --parked --event 'person.*' --reason timeout"
      })
  int list(
      @Mixin Session.Paged session,
      @Mixin Filter filter,
      @Option(names = "--parked", description = "Only parked ones, with their reasons.")
          boolean parked)
      throws Exception {
    if (!parked && filter.reason != null) {
      throw session.wrongUsage("--reason is for parked changes: add --parked");
    }
    return parked
        ? session.list(filter.on(Request.get(PARKED)), TABLE::of)
        : session.list(filter.on(Request.get("/rest/events")), EventCommand.TABLE::of);
  }

  @Command(
      name = "show",
      description = "Shows a change with its record, and why it is parked.",
      footer = "  crm-webhooks change show 4711")
  int show(@Mixin EventCommand.One change) throws Exception {
    return change.show();
  }

  @Command(
      name = "retry",
      description = {
        "Puts parked changes back onto the queue: those named, or those that a filter finds. A change that still"
            + " cannot be processed is parked again."
      },
      footer = {
        "  crm-webhooks change retry 4711 4712",
        "  crm-webhooks change retry --event 'person.*' --since 12h",
        "  crm-webhooks change retry --all             # once the customising step is mended"
      })
  int retry(
      @Mixin Session session,
      @Parameters(paramLabel = "ID", arity = "0..*", description = "Changes, as listed.")
          List<Long> ids,
      @Mixin Filter filter,
      @Option(names = "--all", description = "Every parked one, with no other choice.") boolean all)
      throws Exception {
    Request chosen = filter.on(Request.get(PARKED));
    ObjectNode body = session.choice("changes", ids, chosen, all, "--event or --reason, or --all");
    return session.run(
        api -> {
          JsonNode answer;
          try (Console.Bar bar = session.bar()) {
            Request retry = Request.post(PARKED + "/retry").with(body);
            answer = api.call(retry.watchedBy(bar.of("putting back")));
          }
          long done = answer.path("retried").asLong();
          String words = done == 1 ? "1 change is queued again" : "%,d changes are queued again";
          session.print(answer, shown -> words.formatted(done));
          return ids != null && done < ids.size() ? ExitCode.FAILED : ExitCode.OK;
        });
  }
}
