package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.api.Fields;

/**
 * Whose TLS identity a webhook may show. With a token of a workspace it is the one that bears the
 * name of that workspace: with another one its owner would call targets of its own choice in
 * somebody else's name. With a token of none it is any.
 */
final class IdentityRule {
  private IdentityRule() {}

  /**
   * Checks what a caller makes of a webhook.
   *
   * @param workspace the only one that the caller sees; null: all
   * @param before the webhook as it is shown; an empty object for a new one
   * @param columns what the caller sets
   */
  static void check(String workspace, ObjectNode before, ObjectNode columns, Fields fields) {
    JsonNode identity = columns.path("tls_identity");
    if (identity.isMissingNode()) {
      identity = before.path("tlsIdentity");
    }
    boolean changed =
        differs(columns, "tls_identity", before.path("tlsIdentity"))
            || differs(columns, "target_url", before.path("targetUrl"));
    if (workspace != null
        && changed
        && identity.isTextual()
        && !identity.asText().equals(workspace)) {
      fields.error(
          "tlsIdentity",
          "is not for the workspace of your token to use; it must be null or bear the name of that workspace");
    }
  }

  private static boolean differs(ObjectNode columns, String column, JsonNode before) {
    return columns.has(column) && !columns.get(column).equals(before);
  }
}
