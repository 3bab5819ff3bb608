package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.http.ClientCredentials;
import io.crmwebhooks.secret.SealedSecret;
import io.crmwebhooks.secret.SecretColumn;
import io.crmwebhooks.secret.Secrets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;

/**
 * The client credentials of a webhook, as callers give them: without the secret they are the ones
 * that are shown.
 */
final class WebhookOAuth2 {
  static final String FIELD = "oauth2";

  private static final String COLUMN = SecretColumn.OAUTH2.column();

  private WebhookOAuth2() {}

  /**
   * Puts the secret in place where the caller gives none: the one that the webhook has, which goes
   * to the same token server in the name of the same client only. Else whoever may change a webhook
   * could have its secret sent to himself.
   *
   * @param opened null: of a webhook that is new
   * @param before the webhook as it is shown, locked by the connection
   * @param columns the values that the caller sets
   */
  static void keepSecret(
      Connection connection, Secrets opened, ObjectNode before, ObjectNode columns, Fields fields)
      throws SQLException {
    if (!(columns.get(COLUMN) instanceof ObjectNode given) || given.has(ClientCredentials.SECRET)) {
      return;
    }
    JsonNode shown = before.path(FIELD);
    Optional<String> kept = Optional.empty();
    try {
      if (given.path("tokenUrl").equals(shown.path("tokenUrl"))
          && given.path("clientId").equals(shown.path("clientId"))) {
        kept =
            stored(connection, opened, before)
                .map(all -> all.path(ClientCredentials.SECRET).asText());
      }
    } catch (SealedSecret.UnreadableException e) {
      fields.error(
          FIELD,
          "clientSecret is needed anew, since the webhook cannot be read: " + e.getMessage());
      return;
    }
    kept.ifPresentOrElse(
        secret -> given.put(ClientCredentials.SECRET, secret),
        () ->
            fields.error(
                FIELD,
                "clientSecret is missing; one that is kept is never sent to another tokenUrl, nor for another clientId"));
  }

  /** Whether a webhook has these, the secret included. */
  static boolean isSame(Connection connection, Secrets opened, ObjectNode before, JsonNode wanted)
      throws SQLException {
    return stored(connection, opened, before).map(wanted::equals).orElse(wanted.isNull());
  }

  private static Optional<JsonNode> stored(Connection connection, Secrets opened, ObjectNode before)
      throws SQLException {
    return before.has("id")
        ? WebhookSecrets.opened(
            connection, opened, UUID.fromString(before.path("id").asText()), SecretColumn.OAUTH2)
        : Optional.empty();
  }

  /** As a webhook with these columns shows them. */
  static JsonNode shown(JsonNode columns) {
    return columns instanceof ObjectNode object
        ? object.deepCopy().without(ClientCredentials.SECRET)
        : columns;
  }

  /** Refuses a header of its own where the access token is to be. */
  static void checkHeader(ObjectNode before, ObjectNode columns, Fields fields) {
    JsonNode credentials = columns.has(COLUMN) ? columns.get(COLUMN) : before.path(FIELD);
    if (credentials.isObject() && hasAuthorization(before, columns)) {
      fields.error(
          columns.path(COLUMN).isObject() ? FIELD : "headers",
          "sets Authorization, and so do the %s of the webhook: one of both must go"
              .formatted(columns.path(COLUMN).isObject() ? "headers" : "oauth2 settings"));
    }
  }

  private static boolean hasAuthorization(ObjectNode before, ObjectNode columns) {
    JsonNode headers = columns.path(SecretColumn.HEADERS.column());
    return headers.isObject()
        ? headers.properties().stream().anyMatch(h -> isAuthorization(h.getKey()))
        : StreamSupport.stream(before.path("headerNames").spliterator(), false)
            .anyMatch(name -> isAuthorization(name.asText()));
  }

  private static boolean isAuthorization(String name) {
    return name.equalsIgnoreCase("Authorization");
  }
}
