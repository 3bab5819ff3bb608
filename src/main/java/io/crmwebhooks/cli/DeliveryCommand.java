package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.AdminApi.Request;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code crm-webhooks delivery}. */
@Command(
    name = "delivery",
    description = "Shows deliveries and their attempts, and sends them again.",
    footer = {
      "  crm-webhooks delivery list --state dead --since 12h",
      "  crm-webhooks delivery show msg_0000000000000001…",
      "  crm-webhooks delivery redeliver --webhook ID --since 12h"
    })
final class DeliveryCommand extends Program.Group {
  private static final String ALL = "/rest/deliveries";
  private static final Table TABLE =
      new Table("No delivery matches.")
          .columns("DELIVERY /id, STATE /state, EVENT /event, RECORD /recordId")
          .columns("ATTEMPTS #/attemptCount, LAST ATTEMPT /attemptedAt, NEXT ATTEMPT /dueAt")
          .columns("STATUS /status, ERROR /error");

  private static final Table ATTEMPTS =
      new Table("There was no attempt yet.")
          .columns("ATTEMPT /number, AT /attemptedAt, MS #/durationMs, STATUS /status")
          .columns("ERROR /error, RESPONSE /response");

  /** As the API has them. */
  enum State {
    PENDING,
    DELIVERED,
    DEAD,
    CANCELLED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Options that say which deliveries are meant. */
  static final class Filter {
    @Option(names = "--webhook", paramLabel = "ID", description = "Only of this webhook.")
    private UUID webhook;

    @Option(
        names = "--change",
        paramLabel = "ID",
        description = "Only of this change, an event as listed.")
    private Long change;

    @Option(
        names = {"-s", "--state"},
        description = "Only in this state: ${COMPLETION-CANDIDATES}.")
    private State state;

    @Mixin private EventCommand.Named events;
    @Mixin private PastTime.Range range;

    Request on(Request request) {
      return range.on(
          events.on(
              request.with("webhookId", webhook).with("changeId", change).with("state", state)));
    }
  }

  @Command(
      name = "list",
      description = {
        "Lists deliveries, the newest change first. Where Kafka keeps those that have arrived, they are listed with a range"
            + " of at most a day, or a change."
      },
      footer = {
        "  crm-webhooks delivery list --state dead",
        "  crm-webhooks delivery list --webhook ID --event 'person.*' --since 2h --limit 500"
      })
  int list(@Mixin Session.Paged session, @Mixin Filter filter) throws Exception {
    return session.list(
        filter.on(Request.get(ALL)),
        TABLE::of,
        page ->
            page.path("deliveredLeftOut").asBoolean()
                ? Optional.of(
                    "Those that have arrived are left out, since Kafka has them: give --since 1d, say, or --change.")
                : Optional.empty());
  }

  @Command(
      name = "show",
      description = "Shows a delivery: its body, and each attempt with the receiver's answer.",
      footer = "  crm-webhooks delivery show msg_0000000000000001…")
  int show(
      @Mixin Session session,
      @Parameters(
              paramLabel = "ID",
              description =
                  "As listed; the webhook-id of the request, or the id of an element of its array.")
          String id)
      throws Exception {
    return session.run(
        api -> {
          JsonNode delivery = api.call(Request.get(ALL + "/" + id));
          String waits =
              delivery.path("state").asText().equals("pending")
                  ? waits(
                      api.call(
                          Request.get("/rest/webhooks/" + delivery.path("webhookId").asText())))
                  : "";
          session.print(delivery, shown -> words(shown, waits));
          return ExitCode.OK;
        });
  }

  /** Why a pending delivery waits, beside its time. */
  private static String waits(JsonNode webhook) {
    if (!webhook.path("enabled").asBoolean()) {
      return "It waits until its webhook is enabled.%n".formatted();
    }
    return webhook.hasNonNull("pausedUntil")
        ? "Its webhook is paused until %s, since its endpoint failed: %s%n"
            .formatted(webhook.path("pausedUntil").asText(), Text.of(webhook.path("pauseReason")))
        : "";
  }

  private static String words(JsonNode delivery, String waits) {
    String line = System.lineSeparator();
    JsonNode body = delivery.path("body");
    JsonNode attempts = delivery.path("attempts");
    StringBuilder text =
        new StringBuilder(Text.fields(delivery, "body", "attempts"))
            .append(line)
            .append(ATTEMPTS.of(attempts))
            .append(waits)
            .append(line);
    if (!attempts.isEmpty()) {
      JsonNode last = attempts.path(attempts.size() - 1);
      text.append("Headers of the last attempt:").append(line);
      text.append(Text.indented(Text.fields(last.path("requestHeaders")))).append(line);
      text.append(line);
    }
    return text.append("Body:")
        .append(line)
        .append(
            Text.indented(
                body.isTextual()
                    ? Text.body(body.asText())
                    : "(none: its change has been removed, or it was left out)"))
        .toString();
  }

  @Command(
      name = "redeliver",
      description = {
        "Sends deliveries again, as soon as their webhooks have an attempt free: those named, or those that a filter"
            + " finds. A filter without a state means dead ones."
      },
      footer = {
        "  crm-webhooks delivery redeliver msg_0000000000000001…",
        "  crm-webhooks delivery redeliver --webhook ID --since 12h",
        "  crm-webhooks delivery redeliver --all               # every dead letter"
      })
  int redeliver(
      @Mixin Session session,
      @Parameters(paramLabel = "ID", arity = "0..*", description = "Deliveries, as listed.")
          List<String> ids,
      @Mixin Filter filter,
      @Option(names = "--all", description = "Every dead one.") boolean all)
      throws Exception {
    String options = "--webhook or --since, or --all dead ones";
    Request chosen = filter.on(Request.get(ALL));
    ObjectNode body = session.choice("deliveries", ids, chosen, all, options);
    if (ids != null && ids.size() == 1) {
      return session.show(
          Request.post(ALL + "/" + ids.get(0) + "/redeliver"), shown -> words(shown, ""));
    }
    return session.run(
        api -> {
          long done = redeliver(api, body, session);
          session.print(
              Json.object().put("redelivered", done),
              answer -> "%,d deliveries are sent again".formatted(done));
          return ids != null && done < ids.size() ? ExitCode.FAILED : ExitCode.OK;
        });
  }

  /** The server does some thousand a request, and says where to go on. */
  private static long redeliver(AdminApi api, ObjectNode body, Session session) throws Exception {
    long done = 0;
    try (Console.Bar bar = session.bar()) {
      String cursor;
      do {
        JsonNode answer = api.call(Request.post(ALL + "/redeliver").with(body));
        done += answer.path("redelivered").asLong();
        bar.note("%,d are sent again".formatted(done));
        cursor = answer.path("nextCursor").textValue();
        body.put("cursor", cursor);
      } while (cursor != null);
    }
    return done;
  }
}
