package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.cli.AdminApi.Request;
import java.time.Instant;
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
  private static final Table TABLE =
      new Table("No change matches. Is the table captured? See: crm-webhooks capture list")
          .column("EVENT ID", "/id")
          .column("EVENT", "/event")
          .column("RECORD", "/recordId")
          .column("CHANGED FIELDS", "/updatedFields")
          .count("BYTES", "/bytes")
          .column("STATE", "/state")
          .column("OCCURRED AT", "/occurredAt")
          .column("PARKED BECAUSE", "/parkedReason");

  private static final Table DELIVERIES =
      new Table("It has been delivered to nobody.")
          .column("DELIVERY", "/id")
          .column("STATE", "/state")
          .column("WEBHOOK", "/webhookId");

  /** Options that say which changes are meant, by their event and time. */
  static class From {
    @Option(
        names = {"-e", "--event"},
        description = "Only this event, or events: object.action, object.* or *.action.")
    private String event;

    @Option(
        names = "--since",
        converter = PastTime.class,
        description = "Only changes made from then on: " + PastTime.FORMS + ".")
    private Instant since;

    Request on(Request request) {
      return request.with("event", event).with("since", since);
    }
  }

  /** As {@link From}, and until when. */
  static final class Filter extends From {
    @Option(
        names = "--until",
        converter = PastTime.class,
        description = "Only changes made before, in the same forms.")
    private Instant until;

    @Override
    Request on(Request request) {
      return super.on(request).with("until", until);
    }
  }

  @Command(
      name = "list",
      description = "Lists changes, the newest first.",
      footer = "  crm-webhooks event list --since 1h --event 'person.*'")
  int list(
      @Mixin Session.Paged session,
      @Mixin Filter filter,
      @Option(names = "--record", paramLabel = "ID", description = "Only changes of this record.")
          String record)
      throws Exception {
    return session.list(filter.on(Request.get("/rest/events")).with("recordId", record), TABLE::of);
  }

  @Command(
      name = "show",
      description = "Shows a change with its record, and its delivery to each webhook.",
      footer = "  crm-webhooks event show 4711")
  int show(
      @Mixin Session session, @Parameters(paramLabel = "ID", description = "As listed.") String id)
      throws Exception {
    return session.show(Request.get("/rest/events/" + id), EventCommand::words);
  }

  static String words(JsonNode event) {
    String line = System.lineSeparator();
    JsonNode record = event.path("recordText");
    return Text.fields(event, "record", "recordText", "deliveries")
        + line
        + DELIVERIES.of(event.path("deliveries"))
        + line
        + "Record:"
        + line
        + Text.indented(record.isTextual() ? Text.body(record.asText()) : "(none)");
  }
}
