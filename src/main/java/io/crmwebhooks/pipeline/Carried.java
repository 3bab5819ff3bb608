package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import org.apache.camel.Exchange;

/**
 * The values that an exchange of the pipeline carries beside its body, each with one name and one
 * type.
 */
public final class Carried<T> {
  /** The batch that the exchange is about; none in those of pending deliveries. */
  public static final Carried<Batch> BATCH = new Carried<>("batch", Batch.class);

  /** The place of that batch among those at work. */
  static final Carried<Claims.Slot> SLOT = new Carried<>("slot", Claims.Slot.class);

  /** The change that goes through its steps. */
  static final Carried<Change> CHANGE = new Carried<>("change", Change.class);

  /** The place for the verdict on that change. */
  static final Carried<Verdicts> VERDICTS = new Carried<>("verdicts", Verdicts.class);

  /** The delivery that is attempted. */
  public static final Carried<Delivery> DELIVERY = new Carried<>("delivery", Delivery.class);

  /** The finding of its attempt about the endpoint, if that is new. */
  static final Carried<EndpointHealth.Finding> FINDING =
      new Carried<>("endpointFinding", EndpointHealth.Finding.class);

  /** The webhooks of the pending deliveries that have been claimed. */
  static final Carried<Subscriptions.Snapshot> WEBHOOKS =
      new Carried<>("webhooks", Subscriptions.Snapshot.class);

  /** The step of a replay. */
  static final Carried<ReplayChunk> CHUNK = new Carried<>("chunk", ReplayChunk.class);

  /** The deliveries of a change on their way through the route that customises them. */
  static final Carried<Outgoing> OUTGOING = new Carried<>("outgoing", Outgoing.class);

  /** The log that the changes come from; none where they come from the queue. */
  public static final Carried<ChangeLog> LOG = new Carried<>("log", ChangeLog.class);

  private final String name;
  private final Class<T> type;

  private Carried(String name, Class<T> type) {
    this.name = name;
    this.type = type;
  }

  /** Null: the exchange has none. */
  public T of(Exchange exchange) {
    return exchange.getProperty(name, type);
  }

  public void put(Exchange exchange, T value) {
    exchange.setProperty(name, value);
  }
}
