package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.secret.SecretColumn;
import io.crmwebhooks.secret.Secrets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Makes the webhooks as a file has them, in one transaction. First all entries are compared, so
 * that all errors are found; then all is written. Used by one thread.
 */
final class ConfigRun {
  /** An entry, and how its webhook differs from it. */
  private record Step(WebhookMatch.Pair pair, WebhookDifference difference, String newSecret) {
    boolean isNew() {
      return pair.before() == null;
    }

    @Override
    public String toString() {
      return "step for " + pair.entry().name();
    }
  }

  private final Connection connection;
  private final WebhookTable table;
  private final Secrets secrets;
  private final WebhookFile file;
  private final ObjectNode defaults;
  private final List<Step> steps = new ArrayList<>();

  /**
   * @param connection whose transaction has locked the webhooks
   * @param defaults the value of each field that an entry leaves out
   */
  ConfigRun(
      Connection connection,
      WebhookTable table,
      Secrets secrets,
      WebhookFile file,
      ObjectNode defaults) {
    this.connection = connection;
    this.table = table;
    this.secrets = secrets;
    this.file = file;
    this.defaults = defaults;
  }

  /** Finds the difference of an entry; the entry takes what is wrong with it. */
  void compare(WebhookMatch.Pair pair) throws SQLException {
    WebhookFile.Entry entry = pair.entry();
    boolean isNew = pair.before() == null;
    WebhookDifference difference =
        new WebhookDifference(isNew ? defaults : pair.before())
            .with(entry.columns(), table.fields().columns());
    String newSecret = isNew ? newSecret(entry) : replaced(pair);
    if (newSecret != null) {
      difference.secret(entry.pair() ? "ed25519" : "secret");
    }
    if (entry.columns().has("headers") && !hasHeaders(pair)) {
      difference.secret("headers", "headers", entry.columns().get("headers"));
    }
    compareOAuth2(pair, difference);
    if (!isNew) {
      difference.compare("source", "source", TextNode.valueOf("file"));
      difference.compare("file", "managed_by", TextNode.valueOf(file.name()));
      difference.compare("name", "managed_name", TextNode.valueOf(entry.name()));
      if (newSecret == null && difference.columns().has("signature_schemes")) {
        checkSchemes(pair);
      }
    }
    steps.add(new Step(pair, difference, newSecret));
  }

  private static String newSecret(WebhookFile.Entry entry) {
    if (entry.secret() == null) {
      entry
          .fields()
          .error(
              "secret", "is missing for a new webhook; empty means unsigned, ed25519 a key pair");
    }
    return entry.secret();
  }

  /** The secret that takes the place of another one; null: it keeps what it has. */
  private String replaced(WebhookMatch.Pair pair) throws SQLException {
    WebhookFile.Entry entry = pair.entry();
    boolean kept =
        entry.secret() == null
            || (entry.pair()
                ? pair.before().hasNonNull("publicKey")
                : WebhookSecrets.isSecret(connection, secrets, id(pair.before()), entry.secret()));
    return kept ? null : entry.secret();
  }

  private boolean hasHeaders(WebhookMatch.Pair pair) throws SQLException {
    JsonNode wanted = pair.entry().columns().get("headers");
    return pair.before() == null
        ? wanted.isEmpty()
        : WebhookSecrets.opened(connection, secrets, id(pair.before()), SecretColumn.HEADERS)
            .filter(wanted::equals)
            .isPresent();
  }

  private void compareOAuth2(WebhookMatch.Pair pair, WebhookDifference difference)
      throws SQLException {
    WebhookFile.Entry entry = pair.entry();
    ObjectNode before = pair.before() == null ? Json.object() : pair.before();
    WebhookOAuth2.keepSecret(connection, secrets, before, entry.columns(), entry.fields());
    WebhookOAuth2.checkHeader(before, entry.columns(), entry.fields());
    JsonNode wanted = entry.columns().get("oauth2");
    if (wanted != null && !WebhookOAuth2.isSame(connection, secrets, before, wanted)) {
      difference.partly("oauth2", "oauth2", wanted, WebhookOAuth2.shown(wanted));
    }
  }

  private void checkSchemes(WebhookMatch.Pair pair) throws SQLException {
    try {
      WebhookSecrets.check(
          connection,
          secrets,
          id(pair.before()),
          null,
          WebhookValues.schemes(pair.entry().columns().get("signature_schemes")));
    } catch (IllegalArgumentException e) {
      pair.entry().fields().error("signatureSchemes", e.getMessage());
    }
  }

  private static UUID id(ObjectNode webhook) {
    return UUID.fromString(webhook.path("id").asText());
  }

  /** How many webhooks are as their entries say. */
  int unchanged() {
    return (int)
        steps.stream().filter(step -> !step.isNew() && step.difference().isEmpty()).count();
  }

  /**
   * Writes all that differs, and says what that is.
   *
   * @param gone webhooks that are removed, as they are shown
   * @param rotate whether secrets are replaced, too; false where nothing stays
   * @throws Problem 409 when two webhooks would have the same target and operations
   */
  ArrayNode write(List<ObjectNode> gone, boolean rotate) throws SQLException {
    ArrayNode changes = Json.array();
    for (ObjectNode webhook : gone) { // first, since their names become free
      table.remove(connection, id(webhook));
      describe(changes, "remove", webhook);
    }
    Map<Step, ObjectNode> written = new LinkedHashMap<>();
    for (Step step : steps) {
      if (step.isNew() || !step.difference().isEmpty()) {
        ObjectNode after = step.isNew() ? add(step) : change(step, rotate);
        written.put(step, after);
        describe(changes, step.isNew() ? "create" : "change", after)
            .set("fields", step.difference().fields());
      }
    }
    List<Problem.FieldError> conflicts = new ArrayList<>();
    for (Map.Entry<Step, ObjectNode> each : written.entrySet()) {
      checkUnique(each.getKey().pair(), each.getValue(), conflicts);
    }
    if (!conflicts.isEmpty()) {
      throw Problem.of(409, conflicts);
    }
    return changes;
  }

  private static ObjectNode describe(ArrayNode changes, String action, ObjectNode webhook) {
    ObjectNode change = changes.addObject().put("action", action);
    for (String field : List.of("name", "id", "workspace", "targetUrl")) {
      change.set(field, webhook.path(field));
    }
    change.putArray("fields");
    return change;
  }

  private ObjectNode add(Step step) throws SQLException {
    WebhookFile.Entry entry = step.pair().entry();
    ObjectNode columns =
        entry
            .columns()
            .deepCopy()
            .put("secret", step.newSecret())
            .put("workspace", entry.workspace())
            .put("source", "file")
            .put("managed_by", file.name())
            .put("managed_name", entry.name());
    return table.add(connection, secrets, columns);
  }

  private ObjectNode change(Step step, boolean rotate) throws SQLException {
    UUID id = id(step.pair().before());
    String secret = step.newSecret();
    ObjectNode columns = step.difference().columns();
    if (secret != null && secret.isEmpty()) {
      columns.put("secret", secret);
    }
    ObjectNode after = table.change(connection, secrets, id, columns);
    if (secret != null && !secret.isEmpty() && rotate) {
      WebhookSecrets.rotate(connection, secrets, id, secret, file.overlap());
    }
    return after;
  }

  private void checkUnique(
      WebhookMatch.Pair pair, ObjectNode after, List<Problem.FieldError> conflicts)
      throws SQLException {
    boolean same = pair.before() != null && WebhookRules.isSame(pair.before(), after);
    if (pair.entry().duplicate() || same) {
      return;
    }
    try {
      WebhookRules.checkUnique(connection, after);
    } catch (Problem e) {
      conflicts.add(
          new Problem.FieldError(
              pair.entry().place() + ".targetUrl", "is taken: " + e.getMessage()));
    }
  }
}
