package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.verify.BodyDifference;
import java.util.Set;
import java.util.TreeSet;

/** What became of tried changes, in words: a block each, with only what differs. */
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
    for (BodyDifference.Difference difference : differences) {
      line(text, "-", difference.path(), difference.one());
      line(text, "+", difference.path(), difference.other());
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String sign, String path, JsonNode value) {
    if (!value.isMissingNode()) {
      String where = path.isEmpty() ? "" : Text.plain(path) + ": ";
      text.append("  %s %s%s".formatted(sign, where, Text.plain(value.toString()))).append(LINE);
    }
  }
}
