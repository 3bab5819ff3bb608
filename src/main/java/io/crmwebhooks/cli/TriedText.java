package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.crmwebhooks.verify.BodyDifference;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The fate of tried changes, in words: a block each, with only what differs. */
final class TriedText {
  private static final String LINE = System.lineSeparator();

  private TriedText() {}

  static String of(JsonNode results) {
    StringBuilder text = new StringBuilder();
    Set<String> skipped = new TreeSet<>();
    for (JsonNode result : results) {
      text.append(block(result));
      result.path("skipped").forEach(step -> skipped.add(step.asText()));
    }
    if (results.isEmpty()) {
      text.append("This webhook wants none of them.").append(LINE);
    }
    if (!skipped.isEmpty()) {
      text.append("Not taken, since they have effects outside (--with-effects takes them):");
      text.append(LINE);
      skipped.forEach(step -> text.append("  ").append(Text.plain(step)).append(LINE));
    }
    return text.toString();
  }

  private static String block(JsonNode result) {
    String webhook =
        result.path("webhookId").isTextual()
            ? " for webhook " + Text.of(result.path("webhookId"))
            : "";
    String head =
        "%s %s%s: "
            .formatted(Text.of(result.path("changeId")), Text.of(result.path("event")), webhook);
    if (result.path("failed").asBoolean()) {
      return head + "fails, " + Text.of(result.path("reason")) + LINE;
    }
    if (result.path("after").isNull()) {
      return head + Text.of(result.path("reason")) + LINE;
    }
    String note = result.path("reason").isTextual() ? ", " + Text.of(result.path("reason")) : "";
    var differences = BodyDifference.of(result.path("before"), result.path("after"));
    StringBuilder sent = new StringBuilder();
    line(sent, "+", "url", result.path("url"));
    line(sent, "+", "content-type", result.path("contentType"));
    result
        .path("headers")
        .fields()
        .forEachRemaining(
            header -> line(sent, "+", "header " + header.getKey(), header.getValue()));
    boolean same = differences.isEmpty() && sent.isEmpty();
    StringBuilder text = new StringBuilder(head);
    text.append(same ? "unchanged" : "changed").append(note).append(LINE).append(sent);
    appendLines(text, differences);
    return text.toString();
  }

  /** Of one webhook with other settings. */
  static String ofWebhook(JsonNode results) {
    if (results.isEmpty()) {
      return "None of the newest 10,000 events is one that it wants." + LINE;
    }
    StringBuilder text = new StringBuilder();
    int sent = 0;
    for (JsonNode result : results) {
      text.append(Text.of(result.path("changeId"))).append(' ');
      text.append(Text.of(result.path("event"))).append(": ");
      if (result.path("sent").asBoolean()) {
        sent++;
        appendSent(text, result);
      } else {
        text.append(result.path("failed").asBoolean() ? "fails, " : "");
        text.append(Text.of(result.path("reason"))).append(LINE);
      }
    }
    return text.append(
            "%d of %d events would be sent. Nothing was sent now.".formatted(sent, results.size()))
        .append(LINE)
        .toString();
  }

  private static void appendSent(StringBuilder text, JsonNode result) {
    JsonNode before = result.path("before");
    List<BodyDifference.Difference> differences =
        BodyDifference.of(
            before.isNull() ? MissingNode.getInstance() : before, result.path("after"));
    text.append(differences.isEmpty() ? "sent, body as before" : "sent").append(LINE);
    result
        .path("headers")
        .properties()
        .forEach(
            header -> {
              if (!header.getValue().asText().equals("application/json")) {
                line(text, " ", "header " + header.getKey(), header.getValue());
              }
            });
    appendLines(text, differences);
  }

  private static void appendLines(StringBuilder text, List<BodyDifference.Difference> differences) {
    for (BodyDifference.Difference difference : differences) {
      line(text, "-", difference.path(), difference.one());
      line(text, "+", difference.path(), difference.other());
    }
  }

  private static void line(StringBuilder text, String sign, String path, JsonNode value) {
    if (!value.isMissingNode()) {
      String where = path.isEmpty() ? "" : Text.plain(path) + ": ";
      text.append("  %s %s%s".formatted(sign, where, Text.plain(value.toString()))).append(LINE);
    }
  }
}
