package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.secret.Secrets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The operations on {@code /rest/webhooks}. Thread-safe. */
public final class WebhookOperations {
  private final WebhookFields settings;
  private final WebhookTable table;
  private final IdentityRule identities;
  private final Supplier<Secrets> secrets;
  private final News news;

  /**
   * @param secrets asked when one is to be read or written
   * @param tlsIdentity throws {@link IllegalArgumentException} unless there is a TLS identity of
   *     this name
   */
  public WebhookOperations(
      Sql sql,
      Supplier<Secrets> secrets,
      WebhookFields settings,
      Consumer<String> tlsIdentity,
      News news) {
    this.settings = settings;
    this.table = new WebhookTable(sql, secrets, settings);
    this.identities = new IdentityRule(tlsIdentity);
    this.secrets = secrets;
    this.news = news;
  }

  public Answer list(Call call) throws SQLException {
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
    Fields fields = settings.of(body, "secret", "ed25519", "workspace", "duplicate");
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
    identities.check(bound, Json.object(), columns, fields);
    boolean duplicate = isDuplicate(fields);
    fields.check();
    columns.put("secret", secret.used());
    columns.put("workspace", workspace != null ? workspace : bound != null ? bound : "");
    ObjectNode added =
        table.add(
            columns,
            connection -> {
              if (!duplicate) {
                DuplicateRule.check(connection, withChanges(Json.object(), columns));
              }
            });
    String version = added.path("version").asText();
    return Answer.created(
            "/rest/webhooks/" + added.path("id").asText(),
            withoutVersion(added).put("secret", secret.shown()))
        .withETag(version);
  }

  private static boolean isDuplicate(Fields fields) {
    Boolean said = fields.read("duplicate", value -> WebhookFields.yesOrNo(value).asBoolean());
    return Boolean.TRUE.equals(said);
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

  public Answer change(Call call) throws SQLException {
    ObjectNode body = call.body();
    find(call); // before anything is said of the fields
    Fields fields = settings.of(body, "secret", "ed25519", "workspace", "duplicate");
    ObjectNode columns = settings.columns(body, fields);
    if (body.has("secret")) {
      columns.put("secret", fields.require("secret", Fields.text(500)));
    }
    if (body.hasNonNull("ed25519")) {
      fields.error("ed25519", "is for a webhook that is made, and for rotate-secret");
    }
    boolean duplicate = isDuplicate(fields);
    boolean signing = body.has("secret") || body.has("signatureSchemes");
    Secrets opened = signing ? secrets.get() : null;
    return shown(
        change(
            call,
            columns,
            (connection, before) -> {
              identities.check(call.caller().workspace(), before, columns, fields);
              if (body.has("workspace") && !body.get("workspace").equals(before.get("workspace"))) {
                fields.error("workspace", "cannot be changed; make another webhook");
              }
              fields.check();
              if (signing) {
                checkSigning(connection, opened, call.uuid("webhook"), columns, fields);
              }
              ObjectNode after = withChanges(before, columns);
              if (!duplicate && !DuplicateRule.isSame(before, after)) {
                DuplicateRule.check(connection, after);
              }
            }));
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
    return shown(change(call, Json.object().put("enabled", enabled), (connection, before) -> {}));
  }

  /** The webhook that the call is about, with its version. */
  ObjectNode find(Call call) throws SQLException {
    UUID id = call.uuid("webhook");
    return table
        .get(id, call.caller().workspace())
        .orElseThrow(() -> Problem.notFound("webhook", id.toString()));
  }

  private ObjectNode change(Call call, ObjectNode columns, WebhookTable.CheckOfLocked check)
      throws SQLException {
    UUID id = call.uuid("webhook");
    WebhookTable.Changed changed =
        table
            .change(
                id,
                call.caller().workspace(),
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
          WebhookFields.schemes(columns.get("signature_schemes")));
    } catch (IllegalArgumentException e) {
      fields.error(secret == null ? "signatureSchemes" : "secret", e.getMessage());
      fields.check();
    }
  }
}
