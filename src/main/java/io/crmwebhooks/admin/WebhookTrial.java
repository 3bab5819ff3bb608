package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.Preview;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Shows what a filter and a body would make of past changes, before they are saved. Nothing is sent
 * or written. Thread-safe.
 */
public final class WebhookTrial {
  private static final int MOST = 200;
  private static final int USUALLY = 20;

  /** Of all bodies of an answer, in characters. */
  private static final int MOST_TEXT = 4 << 20;

  /** The settings of a webhook that tell in the answer, and what else a request has. */
  private static final List<String> FIELDS =
      List.of(
          "last",
          "events",
          "targetUrl",
          "operations",
          "filter",
          "format",
          "fields",
          "body",
          "contentType",
          "cloudEventsMode");

  private final WebhookOperations webhooks;
  private final WebhookFields known;
  private final Sql sql;

  WebhookTrial(WebhookOperations webhooks, WebhookFields known, Sql sql) {
    this.webhooks = webhooks;
    this.known = known;
    this.sql = sql;
  }

  /** Of a webhook with these settings instead of its own. */
  public Answer tryWebhook(Call call) throws SQLException {
    ObjectNode saved = webhooks.find(call);
    ObjectNode body = call.bytes().length == 0 ? Json.object() : call.body();
    Fields fields = Fields.ofBody(body, FIELDS);
    return tried(saved.path("workspace").asText(), saved, body, fields);
  }

  /** Of a webhook that is not made yet. */
  public Answer tryNewWebhook(Call call) throws SQLException {
    ObjectNode body = call.body();
    List<String> allowed = new ArrayList<>(FIELDS);
    allowed.add("workspace");
    Fields fields = Fields.ofBody(body, allowed);
    return tried(call.workspaceIn(fields), Json.object(), body, fields);
  }

  /**
   * @param saved the webhook as it is shown, of which this keeps what it needs; an empty object for
   *     a new one
   */
  private Answer tried(String workspace, ObjectNode saved, ObjectNode body, Fields fields)
      throws SQLException {
    Integer given = fields.read("last", WebhookValues.integer(1, MOST).andThen(JsonNode::intValue));
    List<String> events =
        fields.read(
            "events", Fields.list(100, "events", Fields.text(200).andThen(Listing::checkedEvent)));
    saved.remove("batchSize"); // each event is tried by itself
    WebhookShape after = new WebhookShape(workspace, saved, known.columns(body, fields));
    after.check(fields);
    fields.check();
    int last = given == null ? USUALLY : given;
    List<Change> changes =
        sql.transaction(
            connection -> {
              List<Change> newest = after.newest(connection, events, last);
              if (newest.isEmpty()) {
                after.tryOut(connection, fields);
              }
              return newest;
            });
    fields.check();
    WebhookShape before = new WebhookShape(workspace, saved, Json.object());
    return Answer.ok(compared(changes, before.webhook(), after.webhook()));
  }

  private static ArrayNode compared(List<Change> changes, Webhook saved, Webhook given) {
    ArrayNode results = Json.array();
    long text = 0;
    for (Change change : changes) {
      Preview before = Preview.of(change, saved);
      Preview after = Preview.of(change, given);
      text += before.length() + after.length();
      if (text > MOST_TEXT && !results.isEmpty()) {
        break;
      }
      results.add(json(change, before, after));
    }
    return results;
  }

  private static ObjectNode json(Change change, Preview before, Preview after) {
    ObjectNode json =
        Json.object()
            .put("event", change.getEvent())
            .put("changeId", change.getId())
            .put("sent", after.reason() == null)
            .put("reason", after.reason())
            .put("failed", after.failed());
    json.set("before", body(before));
    json.set("after", body(after));
    after.headers().forEach(json.putObject("headers")::put);
    return json;
  }

  /** As JSON where its type says so and it can be read; else its text. */
  private static JsonNode body(Preview made) {
    try {
      return made.isJson() ? Json.trusted(made.body()) : TextNode.valueOf(made.body());
    } catch (UncheckedIOException e) {
      return TextNode.valueOf(made.body());
    }
  }
}
