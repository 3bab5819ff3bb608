package io.crmwebhooks.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** The lines of the demo: when, where, what, whose, and how it went, in columns. Thread-safe. */
public final class Printout {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LABEL_WIDTH = 38;

  private final PrintWriter out;
  private final Clock clock;

  /**
   * @param clock its zone is the one of the printed times
   */
  public Printout(PrintWriter out, Clock clock) {
    this.out = out;
    this.clock = clock;
  }

  /** Prints one line about the webhook that came with this body. */
  void webhook(String where, byte[] body, String result) {
    JsonNode webhook = parse(body);
    String event = webhook.path("event").asText(webhook.path("eventName").asText("?"));
    line(where, event, label(webhook), result);
  }

  void line(String where, String what, String whose, String result) {
    out.println(
        "%tT  %-11s  %-20s  %-38s  %s"
            .formatted(
                LocalTime.now(clock).truncatedTo(ChronoUnit.SECONDS),
                where,
                what,
                shorten(whose),
                result));
    out.flush();
  }

  /** The person's or thing's name, and for an update the fields that changed. */
  private static String label(JsonNode webhook) {
    JsonNode record = webhook.path(webhook.has("data") ? "data" : "record");
    JsonNode nested = record.path("name");
    String name = nested.path("firstName").asText() + " " + nested.path("lastName").asText();
    for (String field : List.of("name", "title", "id")) {
      if (name.isBlank() && record.path(field).isTextual()) {
        name = record.path(field).asText();
      }
    }
    List<String> fields = new ArrayList<>();
    webhook.path("updatedFields").forEach(field -> fields.add(field.asText()));
    return fields.isEmpty() ? name.strip() : name.strip() + ": " + String.join(", ", fields);
  }

  private static String shorten(String label) {
    return label.length() <= LABEL_WIDTH ? label : label.substring(0, LABEL_WIDTH - 1) + "…";
  }

  private static JsonNode parse(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) { // every request gets its line
      return JSON.missingNode();
    }
  }
}
