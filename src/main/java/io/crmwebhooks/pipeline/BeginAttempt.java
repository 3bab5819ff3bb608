package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import java.time.Clock;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Starts an attempt of the delivery in the body; from here on the exchange carries it as a
 * property. Thread-safe.
 */
public final class BeginAttempt implements Processor {
  private final Clock clock;
  private final InFlight inFlight;

  public BeginAttempt(Clock clock, InFlight inFlight) {
    this.clock = clock;
    this.inFlight = inFlight;
  }

  @Override
  public void process(Exchange exchange) {
    Delivery delivery = exchange.getMessage().getBody(Delivery.class);
    exchange.setProperty(Delivery.PROPERTY, delivery);
    delivery.begin(clock.instant(), System.nanoTime());
    inFlight.add(delivery);
  }
}
