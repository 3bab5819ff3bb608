package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Replays and counts of them in words, for the terminal. */
final class ReplayText {
  private static final List<String> HEADING =
      List.of("ID", "STATE", "PROGRESS", "OWED", "MODE", "WEBHOOK", "SINCE", "UNTIL");

  private ReplayText() {}

  static String list(JsonNode replays) {
    if (replays.isEmpty()) {
      return "No replays yet. Start one: crm-webhooks replay start <webhook> --since 2h%n"
          .formatted();
    }
    List<List<String>> rows = new ArrayList<>(List.of(HEADING));
    replays.forEach(
        replay ->
            rows.add(
                List.of(
                    replay.path("id").asText(),
                    replay.path("state").asText(),
                    percent(replay),
                    number(replay, "owed"),
                    replay.path("mode").asText(),
                    replay.path("webhookId").asText(),
                    replay.path("since").asText(),
                    replay.path("until").asText())));
    return Columns.format(rows);
  }

  static String show(JsonNode replay) {
    JsonNode made = replay.path("deliveries");
    List<String> lines = new ArrayList<>();
    lines.add(
        "replay %s is %s, %s"
            .formatted(replay.path("id").asText(), replay.path("state").asText(), percent(replay)));
    lines.add("  webhook  " + replay.path("webhookId").asText());
    lines.add("  range    " + range(replay));
    lines.add(
        "  owed     %s: %s delivered, %s pending, %s dead, %s cancelled"
            .formatted(
                number(replay, "owed"),
                number(made, "delivered"),
                number(made, "pending"),
                number(made, "dead"),
                number(made, "cancelled")));
    if (replay.path("dropped").asLong() > 0) {
      lines.add("  dropped  " + number(replay, "dropped") + " by the customise route");
    }
    if (replay.path("refused").asLong() > 0) {
      lines.add("  refused  " + number(replay, "refused") + ", since they cannot be dispatched");
    }
    if (replay.hasNonNull("error")) {
      lines.add("  error    " + Text.of(replay.path("error")));
    }
    if (replay.hasNonNull("waiting")) {
      lines.add("  waits    " + replay.path("waiting").asText());
    }
    return lines.stream()
        .collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator()));
  }

  static String count(JsonNode count) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s of %s matching changes would be sent"
            .formatted(number(count, "toSend"), number(count, "matched")));
    lines.add("  range    " + range(count));
    lines.add(
        "  now      %s delivered, %s pending, %s dead, %s cancelled, %s never owed"
            .formatted(
                number(count, "delivered"),
                number(count, "pending"),
                number(count, "dead"),
                number(count, "cancelled"),
                number(count, "missing")));
    lines.add(
        "           %s queued, %s parked, %s dropped by the customise route"
            .formatted(number(count, "queued"), number(count, "parked"), number(count, "dropped")));
    if (count.path("removed").asLong() > 0) {
      lines.add("  removed  " + number(count, "removed") + ", which cannot be sent any more");
      lines.add("           (of the days at both ends all are counted)");
    }
    return lines.stream()
        .collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator()));
  }

  private static String range(JsonNode of) {
    String events =
        of.path("events").isNull()
            ? ""
            : " of "
                + StreamSupport.stream(of.path("events").spliterator(), false)
                    .map(JsonNode::asText)
                    .collect(Collectors.joining(", "));
    return "%s changes%s since %s until %s"
        .formatted(
            of.path("mode").asText(), events, of.path("since").asText(), of.path("until").asText());
  }

  /** One line, to stand beside a progress bar. */
  static String beside(JsonNode replay) {
    return "replay %s, %s owed, %s"
        .formatted(
            replay.path("id").asText(),
            number(replay, "owed"),
            replay.path(replay.hasNonNull("waiting") ? "waiting" : "state").asText());
  }

  private static String percent(JsonNode replay) {
    return (int) (100 * replay.path("progress").asDouble()) + " %";
  }

  private static String number(JsonNode of, String field) {
    return String.format(Locale.ROOT, "%,d", of.path(field).asLong());
  }
}
