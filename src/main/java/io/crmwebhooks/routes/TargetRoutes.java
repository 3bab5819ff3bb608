package io.crmwebhooks.routes;

import io.crmwebhooks.domain.Webhook;
import java.util.ArrayList;
import java.util.List;

/**
 * The routes of a file that webhooks may lead to: {@code route:NAME} is the route with the id
 * {@code target-NAME} that begins with {@code direct:target-NAME}.
 */
final class TargetRoutes {
  private static final String DIRECT = "direct:";
  private static final String PREFIX = Webhook.Destination.ROUTE_PREFIX;

  private TargetRoutes() {}

  /** The names, without what is wrong. */
  static List<String> names(RouteFile file) {
    return file.routes().entrySet().stream()
        .filter(route -> isName(route.getKey()))
        .filter(route -> (DIRECT + route.getKey()).equals(route.getValue().from()))
        .map(route -> route.getKey().substring(PREFIX.length()))
        .toList();
  }

  private static boolean isName(String id) {
    return id.startsWith(PREFIX) && id.substring(PREFIX.length()).matches("[A-Za-z0-9-]{1,100}");
  }

  /** The routes that look like such a one and are none, as sentences that begin with the place. */
  static List<String> problems(RouteFile file) {
    List<String> problems = new ArrayList<>();
    file.routes()
        .forEach(
            (id, route) -> {
              if (id != null && id.startsWith(PREFIX)) {
                check(id, route, problems);
              }
            });
    file.consumed()
        .forEach(
            (endpoint, place) -> {
              String id = endpoint.substring(endpoint.indexOf(':') + 1);
              boolean isTarget = endpoint.startsWith(DIRECT + PREFIX);
              if (isTarget && !file.routes().containsKey(id)) {
                problems.add(
                    "%s: the route that begins with %s must have the id %s, by which webhooks know it"
                        .formatted(place, endpoint, id));
              }
            });
    return problems;
  }

  private static void check(String id, RouteFile.Route route, List<String> problems) {
    if (!isName(id)) {
      problems.add(
          "%s: route %s: behind %s must stand 1 to 100 letters, digits and dashes, as in route:NAME of a webhook"
              .formatted(route.place(), id, PREFIX));
    } else if (!(DIRECT + id).equals(route.from())) {
      problems.add(
          "%s: route %s must begin with from: %s%s, since webhooks are sent there as route:%s"
              .formatted(route.place(), id, DIRECT, id, id.substring(PREFIX.length())));
    }
  }
}
