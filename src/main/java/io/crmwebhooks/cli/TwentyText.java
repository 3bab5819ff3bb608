package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.admin.ComparisonReport.Verdict;
import java.util.Map;

/** The words of the commands about Twenty on a terminal. */
final class TwentyText {
  static final Table DONE =
      new Table("Nothing was to do.")
          .columns("WORKSPACE /workspace, OBJECT /object, TABLE /table, DONE /what");
  static final Table LIVE =
      new Table("")
          .columns(
              "WORKSPACE /workspace, LIVE FROM /liveFrom, WEBHOOKS SWITCHED #/webhooks, DELIVERIES NOW OWED #/deliveries");
  static final Table SHADOW =
      new Table("")
          .columns(
              "WORKSPACE /workspace, WEBHOOKS SWITCHED #/webhooks, DELIVERIES CANCELLED #/deliveries");

  private static final Map<String, String> STATES =
      Map.of("taken", "not served", "disabled", "disabled", "shadow", "in shadow", "live", "live");
  private static final String LINE = System.lineSeparator();
  private static final Table OBJECTS =
      new Table("It has no objects.").columns("OBJECT /object, TABLE /table, CAPTURED /captured");
  private static final Table WEBHOOKS =
      new Table("It has no webhooks.")
          .columns("WEBHOOK /id, URL /targetUrl, OPERATIONS /operations")
          .column("HERE", row -> STATES.getOrDefault(row.path("state").asText(), "not yet"));
  private static final Table EVENTS =
      new Table("")
          .column("VERDICT", row -> verdict(row).words())
          .columns(
              "LINE /line, WEBHOOK /webhookId, EVENT /event, RECORD /recordId, TIME /time, NOTE /note");

  private TwentyText() {}

  /** A report of {@link io.crmwebhooks.admin.TwentyCheck}. */
  static String check(JsonNode report) {
    StringBuilder text = new StringBuilder();
    String generation = report.path("generation").asText();
    if (!generation.equals("none")) {
      text.append("Twenty of generation ").append(generation).append(LINE);
    }
    for (JsonNode workspace : report.path("workspaces")) {
      text.append(LINE).append(Text.plain(workspace(workspace))).append(LINE);
      text.append(Text.indented(OBJECTS.of(workspace.path("objects")))).append(LINE).append(LINE);
      text.append(Text.indented(WEBHOOKS.of(workspace.path("webhooks")))).append(LINE);
    }
    sentences(text, "It cannot be served:", report.path("problems"));
    sentences(text, "To know:", report.path("warnings"));
    if (report.path("problems").isEmpty()) {
      text.append(LINE)
          .append(
              "It can be served, and the role %s may do all that it takes.".formatted(role(report)))
          .append(LINE);
    }
    return text.toString().stripLeading();
  }

  private static String role(JsonNode report) {
    return Text.of(report.path("role"));
  }

  private static String workspace(JsonNode workspace) {
    String state =
        !workspace.path("installed").asBoolean()
            ? "not installed"
            : workspace.path("shadow").asBoolean()
                ? "installed, in shadow"
                : "live since " + workspace.path("liveFrom").asText();
    String muted =
        workspace.path("muted").isTextual() ? ", muted: " + workspace.path("muted").asText() : "";
    return "Workspace %s \"%s\", schema %s: %s%s"
        .formatted(
            workspace.path("workspace").asText(),
            workspace.path("name").asText(),
            workspace.path("schema").asText(),
            state,
            muted);
  }

  private static void sentences(StringBuilder text, String heading, JsonNode sentences) {
    if (sentences.isEmpty()) {
      return;
    }
    text.append(LINE).append(heading).append(LINE);
    sentences.forEach(
        sentence -> text.append("- ").append(Text.plain(sentence.asText())).append(LINE));
  }

  /** A report of {@link io.crmwebhooks.admin.TwentyComparison}. */
  static String comparison(JsonNode report) {
    StringBuilder text = new StringBuilder();
    if (!report.path("since").isTextual()) {
      return "The file has no event of a record that Twenty sent.";
    }
    text.append(
        "Events from %s to %s; webhooks: %d%n"
            .formatted(
                report.path("since").asText(),
                report.path("until").asText(),
                report.path("webhooks").size()));
    for (Verdict verdict : Verdict.values()) {
      int count = report.path(verdict.key()).asInt();
      if (count > 0 || verdict == Verdict.SAME) {
        text.append("%,9d  %s%n".formatted(count, verdict.words()));
      }
    }
    other(text, report.path("metadata"), "changes of metadata, which are not sent here");
    other(text, report.path("ours"), "requests of crm-webhooks, left out");
    other(text, report.path("other"), "other requests, left out");
    if (!report.path("events").isEmpty()) {
      text.append(LINE).append(EVENTS.of(report.path("events")));
    }
    text.append(LINE)
        .append(
            report.path("agrees").asBoolean()
                ? "Twenty has sent what is recorded here."
                : "Twenty has not sent what is recorded here.");
    return text.toString();
  }

  private static void other(StringBuilder text, JsonNode count, String words) {
    if (count.asInt() > 0) {
      text.append("%,9d  %s%n".formatted(count.asInt(), words));
    }
  }

  private static Verdict verdict(JsonNode row) {
    for (Verdict verdict : Verdict.values()) {
      if (verdict.key().equals(row.path("verdict").asText())) {
        return verdict;
      }
    }
    throw new IllegalArgumentException(row.toString());
  }

  /** Since when changes are silent, and until when. */
  static String muted(JsonNode mute) {
    return "%s muted until %s: changes are recorded and sent to nobody."
        .formatted(
            mute.path("workspace").isTextual()
                ? "Workspace " + Text.of(mute.path("workspace")) + " is"
                : "All workspaces are",
            mute.path("until").asText("unmute"));
  }
}
