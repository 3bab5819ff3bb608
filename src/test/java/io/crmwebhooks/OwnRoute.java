package io.crmwebhooks;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Routes of a user's own that webhooks lead to: a test says in Java how each behaves. */
public final class OwnRoute implements Processor {
  private static final Map<String, List<Taken>> TAKEN = new ConcurrentHashMap<>();
  private static final Map<String, Processor> STEPS = new ConcurrentHashMap<>();

  /** A message that a route was given. */
  record Taken(byte[] body, Map<String, Object> headers, Map<String, Object> variables) {
    String id() {
      return (String) headers.get("webhook-id");
    }
  }

  /**
   * Adds the file with the route {@code target-NAME}.
   *
   * @param steps after the one in Java, as YAML; empty: none
   */
  static void add(EditedRoutes routes, String name, String steps) throws IOException {
    routes.write(
        "custom/own-%s.camel.yaml".formatted(name),
        """
        - beans:
            - name: own%1$s
              type: io.crmwebhooks.OwnRoute
        - route:
            id: target-%1$s
            from:
              uri: direct:target-%1$s
              steps:
                - process:
                    id: step-%1$s
                    ref: own%1$s
        """
                .formatted(name)
            + steps.indent(8));
  }

  /** From now on the route does this with each message. */
  static void will(String name, Processor step) {
    STEPS.put("target-" + name, step);
  }

  /** The messages that the route was given, in order. */
  static List<Taken> taken(String name) {
    return TAKEN.computeIfAbsent("target-" + name, id -> new CopyOnWriteArrayList<>());
  }

  static void forget() {
    TAKEN.clear();
    STEPS.clear();
  }

  @Override
  public void process(Exchange exchange) throws Exception {
    String route = exchange.getFromRouteId();
    TAKEN
        .computeIfAbsent(route, id -> new CopyOnWriteArrayList<>())
        .add(
            new Taken(
                (byte[]) exchange.getMessage().getBody(),
                Map.copyOf(exchange.getMessage().getHeaders()),
                Map.copyOf(exchange.getVariables())));
    Processor step = STEPS.get(route);
    if (step != null) {
      step.process(exchange);
    }
  }
}
