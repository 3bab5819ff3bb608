package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.admin.Fate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report of {@link Reconciliation} in words, for the terminal. */
final class ReconcileText {
  private ReconcileText() {}

  static String of(JsonNode report) {
    if (report.path("webhooks").isEmpty()) {
      return "There is no webhook, so nothing was owed.%n".formatted();
    }
    StringBuilder text = new StringBuilder(Columns.format(webhooks(report)));
    if (!report.path("gaps").isEmpty()) {
      text.append(System.lineSeparator()).append(Columns.format(gaps(report)));
    }
    return text.append(System.lineSeparator()).append(verdict(report)).toString();
  }

  private static List<List<String>> webhooks(JsonNode report) {
    List<String> heading = new ArrayList<>(List.of("WEBHOOK", "URL", "MATCHED"));
    for (Fate fate : Fate.values()) {
      heading.add(fate.name());
    }
    List<List<String>> rows = new ArrayList<>(List.of(heading));
    for (JsonNode webhook : report.path("webhooks")) {
      List<String> row = new ArrayList<>();
      row.add(webhook.path("webhookId").asText());
      row.add(Text.of(webhook.path("targetUrl")));
      row.add(number(webhook.path("matched")));
      for (Fate fate : Fate.values()) {
        row.add(number(webhook.path(fate.key())));
      }
      rows.add(row);
    }
    return rows;
  }

  private static List<List<String>> gaps(JsonNode report) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("MISSING AT", "CHANGE", "EVENT", "RECORD", "OCCURRED AT"));
    for (JsonNode gap : report.path("gaps")) {
      rows.add(
          List.of(
              gap.path("webhookId").asText(),
              gap.path("changeId").asText(),
              Text.of(gap.path("event")),
              Text.of(gap.path("recordId")),
              gap.path("occurredAt").asText()));
    }
    return rows;
  }

  private static String verdict(JsonNode report) {
    long lost = report.path("gap").asLong();
    if (lost == 0) {
      return "Nothing is lost: each change that a webhook was owed is accounted for.%n".formatted();
    }
    int listed = report.path("gaps").size();
    return "%,d %s missing%s. To send them: crm-webhooks replay start WEBHOOK --since TIME%n"
        .formatted(
            lost,
            lost == 1 ? "delivery is" : "deliveries are",
            listed < lost ? ", " + listed + " of them listed" : "");
  }

  private static String number(JsonNode count) {
    return String.format(Locale.ROOT, "%,d", count.asLong());
  }
}
