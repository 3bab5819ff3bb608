package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.http.Target;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A second webhook with the same target and operations would send every change twice. That is most
 * often a mistake, such as a request that was repeated, so it takes a word to make one.
 */
final class DuplicateRule {
  private DuplicateRule() {}

  /**
   * Refuses a second one. Nobody adds another before the transaction of the connection ends.
   *
   * @param webhook as it would be; without an {@code id} while it is new
   * @throws Problem 409
   */
  static void check(Connection connection, ObjectNode webhook) throws SQLException {
    Sql.rows(connection, sql("lock-webhooks.sql"), Map.of());
    Map<String, Object> values = new HashMap<>();
    values.put("id", webhook.path("id").textValue());
    values.put("workspace", webhook.path("workspace").asText());
    values.put("operations", operations(webhook));
    String url = webhook.path("targetUrl").asText();
    for (ObjectNode other : Sql.rows(connection, sql("find-same-operations.sql"), values)) {
      if (isSame(url, other.path("targetUrl").asText())) {
        throw Problem.of(
            409,
            "webhook %s has the same target and operations; \"duplicate\": true makes another one"
                .formatted(other.path("id").asText()));
      }
    }
  }

  /** Whether two states of a webhook differ in nothing that this rule is about. */
  static boolean isSame(ObjectNode webhook, ObjectNode other) {
    return isSame(webhook.path("targetUrl").asText(), other.path("targetUrl").asText())
        && Set.copyOf(operations(webhook)).equals(new HashSet<>(operations(other)));
  }

  private static List<String> operations(ObjectNode webhook) {
    List<String> operations = new ArrayList<>();
    JsonNode given = webhook.path("operations");
    given.forEach(operation -> operations.add(operation.asText()));
    return given.isMissingNode() ? List.of("*.*") : operations;
  }

  /** Whether both lead to the same place, in whatever case scheme and host are written. */
  private static boolean isSame(String url, String other) {
    try {
      return url.equals(other) || normal(url).equals(normal(other));
    } catch (IllegalArgumentException e) { // written into the table as it is
      return false;
    }
  }

  private static Target normal(String url) {
    Target target = Target.parse(url);
    return new Target(
        target.scheme(), target.host().toLowerCase(Locale.ROOT), target.port(), target.path());
  }
}
