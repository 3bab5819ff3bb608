package io.crmwebhooks.wiring;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.http.Target;
import io.crmwebhooks.routes.CustomRoutes;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;

/** The user's routes that webhooks may lead to. */
public final class Targets {
  private Targets() {}

  /** The names of those that stand in the files now, for a process that runs none. */
  public static Set<String> inFiles(Settings settings) {
    CamelContext finder = new DefaultCamelContext();
    try {
      return CustomRoutes.targets(finder, settings);
    } finally {
      finder.stop();
    }
  }

  /**
   * Refuses to start without a route that an enabled webhook leads to. A name that cannot be one
   * fails the attempts of its webhook only.
   *
   * @param routes the names of those that there are
   * @throws StartupException with all webhooks and routes, a line each
   */
  static void require(Sql sql, Set<String> routes) {
    Set<String> missing = new TreeSet<>();
    try {
      for (ObjectNode webhook : sql.rows(sql("list-led-to-routes.sql"), Map.of())) {
        String name = name(webhook.path("targetUrl").asText());
        if (name != null && !routes.contains(name)) {
          missing.add(
              "webhook %s leads to route:%s, and routes/custom/ has no route target-%s"
                  .formatted(webhook.path("id").asText(), name, name));
        }
      }
    } catch (SQLException e) {
      throw new StartupException("the webhooks cannot be read: " + e.getMessage(), e);
    }
    if (!missing.isEmpty()) {
      throw new StartupException(
          "the routes do not start; add the route, or disable the webhook:\n  "
              + String.join("\n  ", missing));
    }
  }

  private static String name(String url) {
    try {
      return Target.parse(url).host();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
