package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.http.Target;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/** The rules that a caller's webhook must keep. */
final class WebhookRules {
  /** The fields of one of Twenty's webhooks that are ours: how it is served. */
  private static final Set<String> SERVING =
      Set.of(
          "enabled",
          "concurrency",
          "rateLimit",
          "timeout",
          "retrySchedule",
          "headers",
          "oauth2",
          "tlsIdentity",
          "ordering",
          "onDead",
          "supersede",
          "labels");

  private WebhookRules() {}

  /**
   * Refuses what only Twenty may do with a webhook of its own, or the file that manages it.
   *
   * @param webhook as it is shown
   * @throws Problem 409
   */
  static void checkSource(ObjectNode webhook, String act) {
    String problem =
        switch (webhook.path("source").asText()) {
          case "twenty" ->
              "%s is for Twenty to do, where this webhook was made: in Settings > APIs & Webhooks"
                  .formatted(act);
          case "file" ->
              "%s is for the file %s to do, which manages this webhook as %s; releasing it takes it from the file"
                  .formatted(act, webhook.path("file").asText(), webhook.path("name").asText());
          default -> null;
        };
    if (problem != null) {
      throw Problem.of(409, problem);
    }
  }

  /**
   * As {@link #checkSource(ObjectNode, String)}, for a change of its fields: of one of Twenty's
   * those that say how it is served may be changed here, and of one of a file whether it is served.
   * The others may be given as they are.
   *
   * @param body has the fields by name
   */
  static void checkSource(ObjectNode webhook, ObjectNode body, Set<String> names) {
    boolean isOfFile = webhook.path("source").asText().equals("file");
    Set<String> free = isOfFile ? Set.of("enabled") : SERVING;
    for (String name : names) {
      JsonNode given = body.get(name);
      if (given != null
          && !free.contains(name)
          && !WebhookDifference.isSame(given, webhook.path(name))) {
        checkSource(webhook, "to change " + name);
      }
    }
  }

  /**
   * Refuses a second webhook with the same target and operations. It would send every change twice,
   * which is most often a mistake, such as a request that was repeated. Nobody adds another before
   * the transaction of the connection ends.
   *
   * @param webhook as it would be; without an {@code id} while it is new
   * @throws Problem 409
   */
  static void checkUnique(Connection connection, ObjectNode webhook) throws SQLException {
    Sql.rows(connection, sql("lock-webhooks.sql"), Map.of());
    Map<String, Object> values =
        Sql.parameters(
            "id", webhook.path("id").textValue(),
            "workspace", webhook.path("workspace").asText(),
            "operations", operations(webhook.path("operations")));
    String url = webhook.path("targetUrl").asText();
    for (ObjectNode other : Sql.rows(connection, sql("find-same-operations.sql"), values)) {
      if (isSameTarget(url, other.path("targetUrl").asText())) {
        throw Problem.of(
            409,
            "webhook %s has the same target and operations; \"duplicate\": true makes another one"
                .formatted(other.path("id").asText()));
      }
    }
  }

  /** Whether two states of a webhook have the same target and operations. */
  static boolean isSame(ObjectNode webhook, ObjectNode other) {
    return isSameTarget(webhook.path("targetUrl").asText(), other.path("targetUrl").asText())
        && Set.copyOf(operations(webhook.path("operations")))
            .equals(new HashSet<>(operations(other.path("operations"))));
  }

  /** The patterns of events; all of them unless some are given. */
  static List<String> operations(JsonNode given) {
    return given.isArray()
        ? StreamSupport.stream(given.spliterator(), false).map(JsonNode::asText).toList()
        : List.of("*.*");
  }

  /** Whether both lead to the same place, in whatever case scheme and host are written. */
  private static boolean isSameTarget(String url, String other) {
    try {
      return url.equals(other) || normal(url).equals(normal(other));
    } catch (IllegalArgumentException e) { // written into the table as it is
      return false;
    }
  }

  private static Target normal(String url) {
    Target target = Target.parse(url);
    return target.isRoute() // whose name has one case
        ? target
        : new Target(
            target.scheme(), target.host().toLowerCase(Locale.ROOT), target.port(), target.path());
  }
}
