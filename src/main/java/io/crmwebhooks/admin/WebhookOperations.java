package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.secret.Secrets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The operations on {@code /rest/webhooks}. Thread-safe. */
public final class WebhookOperations {
  /** Fields of a request that are none of the settings of a webhook. */
  static final String[] BESIDES = {"secret", "ed25519", "workspace", "duplicate"};

  private final WebhookTable table;
  private final DestinationRules rules;
  private final News news;

  /**
   * @param rules where they may lead
   */
  WebhookOperations(WebhookTable table, DestinationRules rules, News news) {
    this.table = table;
    this.rules = rules;
    this.news = news;
  }

  public Answer listWebhooks(Call call) throws SQLException {
    ArrayNode all = Json.array();
    table.list(call.workspace()).forEach(webhook -> all.add(withoutVersion(webhook)));
    return Answer.ok(all);
  }

  public Answer getWebhook(Call call) throws SQLException {
    return shown(find(call));
  }

  /** As in the CRM a missing secret is made, and an empty one means unsigned. */
  public Answer addWebhook(Call call) throws SQLException {
    ObjectNode body = call.body();
    Fields fields = table.fields().of(body, BESIDES);
    if (!body.has("targetUrl")) {
      fields.error("targetUrl", "is missing");
    }
    ObjectNode columns = table.fields().columns(body, fields);
    WebhookSecrets.Given secret = WebhookSecrets.Given.read(body, fields);
    String workspace = call.workspaceIn(fields);
    rules.check(call.workspace(), Json.object(), columns, fields);
    WebhookOAuth2.keepSecret(null, null, Json.object(), columns, fields);
    WebhookOAuth2.checkHeader(Json.object(), columns, fields);
    boolean duplicate = fields.isTrue("duplicate");
    WebhookShape shape = new WebhookShape(workspace, Json.object(), columns);
    shape.check(fields);
    fields.check();
    columns.put("secret", secret.used()).put("workspace", workspace == null ? "" : workspace);
    ObjectNode added =
        table.add(
            columns,
            connection -> {
              shape.tryOut(connection, fields);
              fields.check();
              if (!duplicate) {
                WebhookRules.checkUnique(connection, withChanges(Json.object(), columns));
              }
            });
    String version = added.path("version").asText();
    return Answer.created(
            "/rest/webhooks/" + added.path("id").asText(),
            withoutVersion(added).put("secret", secret.shown()))
        .withETag(version);
  }

  /** A webhook as it is shown, with what these columns would make of it in the eyes of a rule. */
  private static ObjectNode withChanges(ObjectNode webhook, ObjectNode columns) {
    ObjectNode changed = webhook.deepCopy();
    Map.of("target_url", "targetUrl", "operations", "operations", "workspace", "workspace")
        .forEach(
            (column, name) -> {
              if (columns.has(column)) {
                changed.set(name, columns.get(column));
              }
            });
    return changed;
  }

  public Answer changeWebhook(Call call) throws SQLException {
    ObjectNode body = call.body();
    find(call); // before anything is said of the fields
    Fields fields = table.fields().of(body, BESIDES);
    ObjectNode columns = table.fields().columns(body, fields);
    if (body.has("secret")) {
      columns.put("secret", fields.require("secret", Fields.text(500)));
    }
    if (body.hasNonNull("ed25519")) {
      fields.error("ed25519", "is for a webhook that is made, and for rotate-secret");
    }
    boolean duplicate = fields.isTrue("duplicate");
    boolean signs = body.has("secret") || body.has("signatureSchemes");
    Secrets opened = signs || body.hasNonNull(WebhookOAuth2.FIELD) ? table.secrets() : null;
    return shown(
        change(
            call,
            columns,
            (connection, before) -> {
              WebhookRules.checkSource(before, body, table.fields().names());
              if (body.has("secret")) {
                WebhookRules.checkSource(before, "to change secret");
              }
              rules.check(call.workspace(), before, columns, fields);
              if (body.has("workspace") && !body.get("workspace").equals(before.get("workspace"))) {
                fields.error("workspace", "cannot be changed; make another webhook");
              }
              WebhookOAuth2.keepSecret(connection, opened, before, columns, fields);
              WebhookOAuth2.checkHeader(before, columns, fields);
              if (WebhookShape.isIn(columns)) {
                WebhookShape shape =
                    new WebhookShape(before.path("workspace").asText(), before, columns);
                shape.check(fields);
                fields.check();
                shape.tryOut(connection, fields);
              }
              fields.check();
              if (signs) {
                checkSigning(connection, opened, call.uuid("webhook"), columns, fields);
              }
              ObjectNode after = withChanges(before, columns);
              if (!duplicate && !WebhookRules.isSame(before, after)) {
                WebhookRules.checkUnique(connection, after);
              }
            }));
  }

  /** Its pending deliveries are cancelled. */
  public Answer removeWebhook(Call call) throws SQLException {
    ObjectNode before = find(call);
    WebhookRules.checkSource(before, "to delete it");
    call.requireMatch(before.path("version").asText());
    String expected = call.ifMatch() == null ? null : before.path("version").asText();
    if (!table.remove(call.uuid("webhook"), call.workspace(), expected)) {
      throw Problem.of(412, "it has been changed by somebody else at this moment; read it again");
    }
    return Answer.noContent();
  }

  public Answer enableWebhook(Call call) throws SQLException {
    return enabled(call, true);
  }

  public Answer disableWebhook(Call call) throws SQLException {
    return enabled(call, false);
  }

  private Answer enabled(Call call, boolean enabled) throws SQLException {
    ObjectNode columns = Json.object().put("enabled", enabled);
    Fields fields = Fields.ofBody(Json.object(), List.of());
    return shown(
        change(
            call,
            columns,
            (connection, before) -> {
              rules.check(call.workspace(), before, columns, fields);
              fields.check();
            }));
  }

  /** Takes it from the file that manages it; its name stays, so that the file finds it again. */
  public Answer releaseWebhook(Call call) throws SQLException {
    ObjectNode columns = Json.object().put("source", "api").putNull("managed_by");
    return shown(
        change(
            call,
            columns,
            (connection, before) -> {
              if (!before.path("source").asText().equals("file")) {
                throw Problem.of(409, "no file manages this webhook");
              }
            }));
  }

  /** The webhook that the call is about, with its version. */
  ObjectNode find(Call call) throws SQLException {
    UUID id = call.uuid("webhook");
    return table
        .get(id, call.workspace())
        .orElseThrow(() -> Problem.notFound("webhook", id.toString()));
  }

  private ObjectNode change(Call call, ObjectNode columns, WebhookTable.CheckOfLocked check)
      throws SQLException {
    UUID id = call.uuid("webhook");
    WebhookTable.Changed changed =
        table
            .change(
                id,
                call.workspace(),
                columns,
                (connection, before) -> {
                  call.requireMatch(before.path("version").asText());
                  check.on(connection, before);
                })
            .orElseThrow(() -> Problem.notFound("webhook", id.toString()));
    if (changed.before().path("enabled").asBoolean()
        && !changed.after().path("enabled").asBoolean()) {
      news.tell(
          "webhook.disabled", id.toString(), "by the API, token '" + call.caller().name() + "'");
    }
    return changed.after();
  }

  private static Answer shown(ObjectNode webhook) {
    String version = webhook.path("version").asText();
    return Answer.ok(withoutVersion(webhook)).withETag(version);
  }

  private static ObjectNode withoutVersion(ObjectNode webhook) {
    return webhook.remove(List.of("version"));
  }

  private static void checkSigning(
      Connection connection, Secrets opened, UUID webhook, ObjectNode columns, Fields fields)
      throws SQLException {
    JsonNode secret = columns.get("secret");
    try {
      WebhookSecrets.check(
          connection,
          opened,
          webhook,
          secret == null ? null : secret.asText(),
          WebhookValues.schemes(columns.get("signature_schemes")));
    } catch (IllegalArgumentException e) {
      fields.error(secret == null ? "signatureSchemes" : "secret", e.getMessage());
      fields.check();
    }
  }
}
