package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The rules about where a caller's webhook may lead, and in whose name. Thread-safe. */
final class DestinationRules {
  private static final String ROUTE = "route:";

  private final Consumer<String> identities;
  private final Supplier<Set<String>> routes;

  /**
   * @param identities throws {@link IllegalArgumentException} unless there is a TLS identity of
   *     this name
   * @param routes the names of the user's routes that webhooks may lead to
   */
  DestinationRules(Consumer<String> identities, Supplier<Set<String>> routes) {
    this.identities = identities;
    this.routes = routes;
  }

  /**
   * Checks what a caller sets. Of identities and routes that the caller may not use nobody is
   * asked, or the answer would tell which exist.
   *
   * @param workspace the only one that the caller sees; null: all
   * @param before the webhook as it is shown, which nobody else may change before it is written; an
   *     empty object for a new one
   * @param columns the values that the caller sets
   */
  void check(String workspace, ObjectNode before, ObjectNode columns, Fields fields) {
    String url = after(columns, "target_url", before.path("targetUrl")).asText();
    if (url.startsWith(ROUTE)) {
      checkRoute(workspace, url, before, columns, fields);
    } else {
      checkIdentity(workspace, before, columns, fields);
    }
  }

  /**
   * A route is the operator's own code, and the headers of a message steer what it calls. So only a
   * token that sees all workspaces may lead a webhook there, or set its headers.
   */
  private void checkRoute(
      String workspace, String url, ObjectNode before, ObjectNode columns, Fields fields) {
    boolean led = differs(columns, "target_url", before.path("targetUrl"));
    String name = url.substring(ROUTE.length());
    boolean enabled =
        columns.path("enabled").asBoolean() && differs(columns, "enabled", before.path("enabled"));
    if (led && workspace != null) {
      fields.error("targetUrl", "may be a route only with a token that is bound to no workspace");
    } else if ((led || enabled) && !routes.get().contains(name)) {
      fields.error(
          "targetUrl",
          "names no route: none has the id target-%s; a new file in routes/custom/ counts from the next start"
              .formatted(name));
    }
    if (workspace != null && columns.path("headers").size() > 0) {
      fields.error(
          "headers", "of a route may be set only with a token that is bound to no workspace");
    }
    if (after(columns, "tls_identity", before.path("tlsIdentity")).isTextual()) {
      fields.error("tlsIdentity", "is for http:// and https://, not for a route");
    }
    if (after(columns, "oauth2", before.path("oauth2")).isObject()) {
      fields.error("oauth2", "is for http:// and https://, not for a route");
    }
  }

  /**
   * A token of a workspace may use only the identity with the name of that workspace. With another
   * one its owner could call any target in somebody else's name. With a token of none it is any.
   */
  private void checkIdentity(
      String workspace, ObjectNode before, ObjectNode columns, Fields fields) {
    boolean named = differs(columns, "tls_identity", before.path("tlsIdentity"));
    boolean led =
        differs(columns, "target_url", before.path("targetUrl"))
            || columns.path("oauth2") instanceof ObjectNode granted
                && differs(granted, "tokenUrl", before.path("oauth2").path("tokenUrl"));
    JsonNode identity = after(columns, "tls_identity", before.path("tlsIdentity"));
    if (!identity.isTextual() || !named && !led) {
      return;
    }
    if (workspace != null && !identity.asText().equals(workspace)) {
      fields.error(
          "tlsIdentity",
          "is not for the workspace of your token to use; it must be null or bear the name of that workspace");
    } else if (named) {
      try {
        identities.accept(identity.asText());
      } catch (IllegalArgumentException e) {
        fields.error("tlsIdentity", e.getMessage());
      }
    }
  }

  private static JsonNode after(ObjectNode columns, String column, JsonNode before) {
    return columns.has(column) ? columns.get(column) : before;
  }

  private static boolean differs(ObjectNode columns, String column, JsonNode before) {
    return columns.has(column) && !columns.get(column).equals(before);
  }
}
