package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;

/**
 * Whose TLS identity a webhook may show. With a token of a workspace it is the one that bears the
 * name of that workspace: with another one its owner would call targets of its own choice in
 * somebody else's name. With a token of none it is any. Thread-safe.
 */
final class IdentityRule {
  private final Consumer<String> known;

  /**
   * @param known throws {@link IllegalArgumentException} when there is no identity of this name;
   *     only those are asked about that the caller may use, or the answer would tell which exist
   */
  IdentityRule(Consumer<String> known) {
    this.known = known;
  }

  /**
   * Checks what a caller makes of a webhook.
   *
   * @param workspace the only one that the caller sees; null: all
   * @param before the webhook as it is shown, which nobody else may change before it is written; an
   *     empty object for a new one
   * @param columns what the caller sets
   */
  void check(String workspace, ObjectNode before, ObjectNode columns, Fields fields) {
    boolean named = differs(columns, "tls_identity", before.path("tlsIdentity"));
    boolean led = differs(columns, "target_url", before.path("targetUrl"));
    JsonNode identity =
        columns.has("tls_identity") ? columns.get("tls_identity") : before.path("tlsIdentity");
    if (!identity.isTextual() || !named && !led) {
      return;
    }
    if (workspace != null && !identity.asText().equals(workspace)) {
      fields.error(
          "tlsIdentity",
          "is not for the workspace of your token to use; it must be null or bear the name of that workspace");
    } else if (named) {
      try {
        known.accept(identity.asText());
      } catch (IllegalArgumentException e) {
        fields.error("tlsIdentity", e.getMessage());
      }
    }
  }

  private static boolean differs(ObjectNode columns, String column, JsonNode before) {
    return columns.has(column) && !columns.get(column).equals(before);
  }
}
