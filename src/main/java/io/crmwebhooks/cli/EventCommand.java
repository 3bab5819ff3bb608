package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.cli.AdminApi.Request;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks event}. */
@Command(
    name = "event",
    description = "Shows the captured changes and their deliveries.",
    footer = {
      "  crm-webhooks event list --since 1h --event 'person.*'",
      "  crm-webhooks event list --record 8f1c…        # what happened to a record"
    })
final class EventCommand extends Program.Group {
  static final Table TABLE =
      new Table("No change matches. Is the table captured? See: crm-webhooks capture list")
          .columns("EVENT ID /id, EVENT /event, RECORD /recordId")
          .columns("CHANGED FIELDS /updatedFields, BYTES #/bytes, STATE /state")
          .columns("OCCURRED AT /occurredAt")
          .column("BECAUSE", EventCommand::reason);

  private static final Table DELIVERIES =
      new Table("It has been delivered to nobody.")
          .columns("DELIVERY /id, STATE /state, WEBHOOK /webhookId");
  private static final Table UNSENT =
      new Table("").columns("NOT SENT TO /webhookId, BY ITS FILTER /filter");

  private static String reason(JsonNode row) {
    JsonNode dropped = row.path("droppedReason");
    return Text.of(dropped.isTextual() ? dropped : row.path("parkedReason"));
  }

  /** Asks for one of them, parked or not. */
  static final class One extends Session {
    @Parameters(paramLabel = "ID", description = "As listed.")
    private String id;

    int show() throws Exception {
      return show(Request.get("/rest/events/" + id), EventCommand::words);
    }
  }

  /** An option that says which events are meant. */
  static final class Named {
    @Option(
        names = {"-e", "--event"},
        description = "Only this event, or events: object.action, object.* or *.action.")
    private String event;

    Request on(Request request) {
      return request.with("event", event);
    }
  }

  @Command(
      name = "list",
      description = "Lists changes, the newest first.",
      footer = "  crm-webhooks event list --since 1h --event 'person.*'")
  int list(
      @Mixin Session.Paged session,
      @Mixin Named events,
      @Mixin PastTime.Range range,
      @Option(names = "--record", paramLabel = "ID", description = "Only changes of this record.")
          String record)
      throws Exception {
    return session.list(
        range.on(events.on(Request.get("/rest/events"))).with("recordId", record), TABLE::of);
  }

  @Command(
      name = "show",
      description = "Shows a change with its record, and its delivery to each webhook.",
      footer = "  crm-webhooks event show 4711")
  int show(@Mixin One event) throws Exception {
    return event.show();
  }

  private static String words(JsonNode event) {
    String line = System.lineSeparator();
    JsonNode record = event.path("recordText");
    String more =
        event.path("deliveriesComplete").asBoolean(true)
            ? ""
            : "More may have arrived later. See: crm-webhooks delivery list --change "
                + event.path("id").asText()
                + line;
    return Text.fields(event, "record", "recordText", "deliveries", "deliveriesComplete", "notSent")
        + line
        + DELIVERIES.of(event.path("deliveries"))
        + (event.path("notSent").isEmpty() ? "" : line + UNSENT.of(event.path("notSent")))
        + more
        + line
        + "Record:"
        + line
        + Text.indented(record.isTextual() ? Text.body(record.asText()) : "(none)");
  }
}
