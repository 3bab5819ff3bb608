package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.api.Answer;
import io.crmwebhooks.api.Call;
import io.crmwebhooks.api.Fields;
import io.crmwebhooks.api.Json;
import io.crmwebhooks.api.Problem;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.observe.News;
import io.crmwebhooks.secret.Secrets;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** The operations on {@code /rest/webhooks}. Thread-safe. */
public final class WebhookOperations {
  private final WebhookFields settings;
  private final WebhookTable table;
  private final WebhookSecrets signing;
  private final News news;

  /**
   * @param secrets asked when one is to be written
   * @param signing on the same database as {@code sql}
   */
  public WebhookOperations(
      Sql sql,
      Supplier<Secrets> secrets,
      WebhookSecrets signing,
      WebhookFields settings,
      News news) {
    this.settings = settings;
    this.table = new WebhookTable(sql, secrets, settings);
    this.signing = signing;
    this.news = news;
  }

  public Answer list(Call call) throws SQLException {
    call.query().check();
    ArrayNode all = Json.array();
    table.list(call.caller().workspace()).forEach(webhook -> all.add(withoutVersion(webhook)));
    return Answer.ok(all);
  }

  public Answer get(Call call) throws SQLException {
    return shown(find(call));
  }

  /** As in the CRM a missing secret is made, and an empty one means unsigned. */
  public Answer add(Call call) throws SQLException {
    ObjectNode body = call.body();
    Fields fields = settings.of(body, "secret", "ed25519", "workspace");
    if (!body.has("targetUrl")) {
      fields.error("targetUrl", "is missing");
    }
    ObjectNode columns = settings.columns(body, fields);
    NewWebhookSecret secret = NewWebhookSecret.read(body, fields);
    String workspace = fields.read("workspace", Fields.text(200));
    if (workspace != null && !call.caller().sees(workspace)) {
      fields.error("workspace", "must be the one that your token is bound to");
    }
    String bound = call.caller().workspace();
    IdentityRule.check(bound, Json.object(), columns, fields);
    fields.check();
    columns.put("secret", secret.used());
    columns.put("workspace", workspace != null ? workspace : bound != null ? bound : "");
    ObjectNode added = table.add(columns);
    String version = added.path("version").asText();
    return Answer.created(
            "/rest/webhooks/" + added.path("id").asText(),
            withoutVersion(added).put("secret", secret.shown()))
        .withETag(version);
  }

  public Answer change(Call call) throws SQLException {
    ObjectNode body = call.body();
    Fields fields = settings.of(body, "secret", "ed25519", "workspace");
    ObjectNode before = find(call);
    call.requireMatch(before.path("version").asText());
    ObjectNode columns = settings.columns(body, fields);
    IdentityRule.check(call.caller().workspace(), before, columns, fields);
    if (body.has("secret")) {
      columns.put("secret", fields.require("secret", Fields.text(500)));
    }
    if (body.has("secret") || body.has("signatureSchemes")) {
      checkSigning(call.uuid("webhook"), columns, fields);
    }
    if (body.hasNonNull("ed25519")) {
      fields.error("ed25519", "is for a webhook that is made, and for rotate-secret");
    }
    if (body.has("workspace") && !body.get("workspace").equals(before.get("workspace"))) {
      fields.error("workspace", "cannot be changed; make another webhook");
    }
    fields.check();
    return shown(change(call, before, columns));
  }

  /** What is still pending for it is cancelled. */
  public Answer remove(Call call) throws SQLException {
    ObjectNode before = find(call);
    call.requireMatch(before.path("version").asText());
    if (!table.remove(call.uuid("webhook"), call.caller().workspace(), expected(call, before))) {
      throw changedMeanwhile();
    }
    return Answer.noContent();
  }

  public Answer enable(Call call) throws SQLException {
    return enabled(call, true);
  }

  public Answer disable(Call call) throws SQLException {
    return enabled(call, false);
  }

  private Answer enabled(Call call, boolean enabled) throws SQLException {
    ObjectNode before = find(call);
    call.requireMatch(before.path("version").asText());
    return shown(change(call, before, Json.object().put("enabled", enabled)));
  }

  /** The webhook that the call is about, with its version. */
  ObjectNode find(Call call) throws SQLException {
    UUID id = call.uuid("webhook");
    return table
        .get(id, call.caller().workspace())
        .orElseThrow(() -> Problem.notFound("webhook", id.toString()));
  }

  private ObjectNode change(Call call, ObjectNode before, ObjectNode columns) throws SQLException {
    UUID id = call.uuid("webhook");
    table
        .change(id, call.caller().workspace(), columns, expected(call, before))
        .orElseThrow(WebhookOperations::changedMeanwhile);
    ObjectNode after = find(call); // with what follows from the change, such as the end of a pause
    if (before.path("enabled").asBoolean() && !after.path("enabled").asBoolean()) {
      news.tell(
          "webhook.disabled", id.toString(), "by the API, token '" + call.caller().name() + "'");
    }
    return after;
  }

  private static String expected(Call call, ObjectNode before) {
    return call.ifMatch() == null ? null : before.path("version").asText();
  }

  private static Problem changedMeanwhile() {
    return Problem.of(412, "it has been changed by somebody else at this moment; read it again");
  }

  private static Answer shown(ObjectNode webhook) {
    String version = webhook.path("version").asText();
    return Answer.ok(withoutVersion(webhook)).withETag(version);
  }

  private static ObjectNode withoutVersion(ObjectNode webhook) {
    return webhook.remove(List.of("version"));
  }

  private void checkSigning(UUID webhook, ObjectNode columns, Fields fields) throws SQLException {
    fields.check();
    JsonNode secret = columns.get("secret");
    try {
      signing.check(
          webhook,
          secret == null ? null : secret.asText(),
          WebhookFields.schemes(columns.get("signature_schemes")));
    } catch (IllegalArgumentException e) {
      fields.error(secret == null ? "signatureSchemes" : "secret", e.getMessage());
    }
  }
}
