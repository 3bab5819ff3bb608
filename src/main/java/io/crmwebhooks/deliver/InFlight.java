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

  /** Says whether it was there, that is, whether its attempt had not ended yet. */
  boolean remove(Delivery delivery) {
    return deliveries.remove(delivery);
  }

  /** Bytes of their bodies. */
  public long bytes() {
    return deliveries.stream().mapToLong(delivery -> delivery.body().length).sum();
  }

  /** Ids of the deliveries that have been begun and not ended. */
  public List<String> ids() {
    return deliveries.stream().map(Delivery::id).toList();
  }
}
