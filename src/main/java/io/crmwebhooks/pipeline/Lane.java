package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import java.util.Iterator;
import java.util.List;

/**
 * Deliveries of a batch that are sent one after the other.
 *
 * @param quick all of them go to webhooks that have proven quick
 */
record Lane(List<Delivery> deliveries, boolean quick) implements Iterable<Delivery> {
  @Override
  public Iterator<Delivery> iterator() {
    return deliveries.iterator();
  }
}
