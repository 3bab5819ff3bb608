package io.crmwebhooks.deliver;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The {@link EndpointLoad} of each webhook that this process has met. Thread-safe. */
public final class EndpointLoads {
  private final Map<UUID, EndpointLoad> loads = new ConcurrentHashMap<>();

  public EndpointLoad of(UUID webhookId) {
    return loads.computeIfAbsent(webhookId, id -> new EndpointLoad());
  }

  /** Notes that a delivery being sent has had no answer yet. */
  public void observeUnanswered(Delivery delivery) {
    of(delivery.webhook().id()).observeUnanswered(delivery.elapsedMillis());
  }

  /** Attempts in flight of each webhook that has any. */
  public Map<UUID, Integer> inFlight() {
    Map<UUID, Integer> busy = new LinkedHashMap<>();
    loads.forEach(
        (id, load) -> {
          int count = load.inFlight();
          if (count > 0) {
            busy.put(id, count);
          }
        });
    return busy;
  }
}
