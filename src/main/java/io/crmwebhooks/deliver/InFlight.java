package io.crmwebhooks.deliver;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The deliveries that this process is sending right now. Thread-safe. */
public final class InFlight {
  private final Set<Delivery> deliveries = ConcurrentHashMap.newKeySet();

  void add(Delivery delivery) {
    deliveries.add(delivery);
  }

  void remove(Delivery delivery) {
    deliveries.remove(delivery);
  }

  /** Ids of the deliveries that have been begun and not ended. */
  public List<String> ids() {
    return deliveries.stream().map(Delivery::id).toList();
  }
}
