package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.ChangeRow;
import io.crmwebhooks.pipeline.Preview;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The filter and the body of a webhook as a caller wants them: the rules that they must keep, and
 * how they are tried. Immutable.
 */
final class WebhookShape {
  private static final UUID NOBODY = new UUID(0, 0);

  /** Their names, and their columns. */
  private static final Map<String, String> COLUMNS =
      Map.of(
          "filter", "filter",
          "format", "format",
          "fields", "fields",
          "body", "body",
          "contentType", "content_type",
          "cloudEventsMode", "cloud_events_mode",
          "batchSize", "batch_size");

  private final ObjectNode values;
  private final String workspace;
  private final List<String> operations;
  private final UUID id;
  private final String url;

  /**
   * @param before as it is shown; an empty object for a new one
   * @param columns the values that the caller sets
   */
  WebhookShape(String workspace, ObjectNode before, ObjectNode columns) {
    this.workspace = workspace == null ? "" : workspace;
    this.id = before.has("id") ? UUID.fromString(before.get("id").asText()) : NOBODY;
    this.values = Json.object();
    COLUMNS.forEach(
        (name, column) -> {
          if (columns.has(column) || before.has(name)) {
            values.set(name, columns.has(column) ? columns.get(column) : before.get(name));
          }
        });
    this.operations =
        WebhookRules.operations(
            columns.has("operations") ? columns.get("operations") : before.path("operations"));
    this.url =
        (columns.has("target_url") ? columns.get("target_url") : before.path("targetUrl")).asText();
  }

  /** Whether any of the values that a caller sets is one of these. */
  static boolean isIn(ObjectNode columns) {
    return COLUMNS.values().stream().anyMatch(columns::has);
  }

  private String text(String name) {
    return values.path(name).textValue();
  }

  /** Whether what is set goes together. */
  void check(Fields fields) {
    String format = values.path("format").asText("event");
    boolean isCustom = format.equals("custom");
    if (values.hasNonNull("fields") && !format.equals("event") && !format.equals("cloudevents")) {
      fields.error("fields", "goes with format event or cloudevents, not with " + format);
    }
    if (isCustom && !values.hasNonNull("body")) {
      fields.error("body", "is missing; format custom needs the program that makes the body");
    }
    for (String name : List.of("body", "contentType")) {
      if (!isCustom && values.hasNonNull(name)) {
        fields.error(name, "goes with format custom, not with " + format);
      }
    }
    if (values.path("cloudEventsMode").asText("structured").equals("binary")
        && !format.equals("cloudevents")) {
      fields.error("cloudEventsMode", "goes with format cloudevents, not with " + format);
    }
    checkArray(format, fields);
  }

  /** Whether bodies of its format can be elements of an array. */
  private void checkArray(String format, Fields fields) {
    String type = text("contentType");
    if (values.path("batchSize").asInt(1) == 1) {
      return;
    }
    if (format.equals("native")) {
      fields.error("batchSize", "must be 1 with format native, which is of one event");
    } else if (values.path("cloudEventsMode").asText().equals("binary")) {
      fields.error("batchSize", "must be 1 with cloudEventsMode binary, which is of one event");
    } else if (format.equals("custom") && type != null && !Webhook.Form.isJson(type)) {
      fields.error("batchSize", "must be 1 with a contentType other than JSON");
    }
  }

  /**
   * Tries it on the newest change that it is for, or on an invented one, so that a program that can
   * never do its work is not saved. On an invented one it may fail: its record has an id only.
   */
  void tryOut(Connection connection, Fields fields) throws SQLException {
    if (text("filter") == null && text("body") == null) {
      return;
    }
    List<Change> newest = newest(connection, null, 1);
    Change change = newest.isEmpty() ? invented() : newest.get(0);
    Webhook webhook = webhook();
    String id = Delivery.id(change, webhook);
    check("body", Preview.unfiltered(change, webhook, id).reason(), newest, fields);
    check("filter", Preview.of(change, webhook).reason(), newest, fields);
  }

  private void check(String name, String reason, List<Change> newest, Fields fields) {
    if (reason == null || !reason.startsWith(name + " ")) {
      return;
    }
    String problem = reason.substring(name.length() + 1);
    if (!newest.isEmpty()) {
      fields.error(name, problem + " (tried on event " + newest.get(0).getId() + ")");
    } else if (!problem.startsWith("fails: ") && !problem.startsWith("gives null")) {
      fields.error(name, problem);
    }
  }

  /** As {@link Samples#newest}, of its workspace and operations. */
  List<Change> newest(Connection connection, List<String> events, int most) throws SQLException {
    return Samples.newest(connection, workspace, operations, events, most);
  }

  /** As far as a {@link Preview} tells of it. */
  Webhook webhook() {
    Map<String, Object> row = new HashMap<>();
    row.put("filter", text("filter"));
    row.put("format", values.path("format").asText("event"));
    row.put("fields", values.hasNonNull("fields") ? values.get("fields").toString() : null);
    row.put("program", text("body"));
    row.put("content_type", text("contentType"));
    row.put("cloud_events_mode", text("cloudEventsMode"));
    return Preview.webhook(id, workspace, url, row);
  }

  private Change invented() {
    String event =
        operations.stream()
            .filter(name -> !name.contains("*"))
            .findFirst()
            .orElse("person.updated");
    return new Change(
        new Change.Place(0, 0, 0),
        new Change.Event(workspace, event, NOBODY.toString(), Instant.EPOCH, null),
        ChangeRow.record("{\"id\":\"" + NOBODY + "\"}"),
        event.endsWith(".updated") ? "[\"name\"]" : null,
        null);
  }
}
