package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The deliveries of one change on their way through the route that customises them; one that cannot
 * be sent does not go through it. Used by one thread at a time.
 */
final class Outgoing {
  private final Change change;
  private final Iterator<Delivery> left;
  private final List<Delivery> made = new ArrayList<>();
  private Delivery now;
  private String offered;

  Outgoing(Change change, List<Delivery> deliveries) {
    this.change = change;
    deliveries.stream().filter(delivery -> delivery.problem() != null).forEach(made::add);
    this.left = deliveries.stream().filter(delivery -> delivery.problem() == null).iterator();
  }

  Change change() {
    return change;
  }

  /** Goes on to the next one; null when there is none. */
  Delivery next() {
    now = left.hasNext() ? left.next() : null;
    offered = now == null ? null : new String(now.body(), StandardCharsets.UTF_8);
    return now;
  }

  /** The one at hand. */
  Delivery now() {
    return now;
  }

  /** Its body as the route is given it. */
  String offered() {
    return offered;
  }

  /** Takes the one at hand as the route has made it. */
  void take(Delivery delivery) {
    made.add(delivery);
  }

  /** As the route has made them, and those that it was not given. */
  List<Delivery> made() {
    return made;
  }
}
