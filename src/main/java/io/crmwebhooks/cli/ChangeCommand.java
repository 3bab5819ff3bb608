package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.cli.AdminApi.Request;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks change}: those that could not be processed. */
@Command(
    name = "change",
    description = "Shows parked changes, which could not be processed, and puts them back.",
    footer = {
      "  crm-webhooks change list --since 12h",
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
    @Mixin private PastTime.Since since;

    @Option(
        names = "--reason",
        paramLabel = "WORDS",
        description = "Only changes whose reason has these words, in small or capital letters.")
    private String reason;

    Request on(Request request) {
      return since.on(events.on(request)).with("reason", reason);
    }
  }

  @Command(
      name = "list",
      description = "Lists the parked changes with their reasons, the newest first.",
      footer = "  crm-webhooks change list --since 12h --event 'person.*'")
  int list(@Mixin Session.Paged session, @Mixin Filter filter) throws Exception {
    return session.list(filter.on(Request.get(PARKED)), TABLE::of);
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
      @Option(names = "--all", description = "Every parked one.") boolean all)
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
