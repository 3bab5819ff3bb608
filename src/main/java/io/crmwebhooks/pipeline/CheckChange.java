package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.MalformedChangeException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Refuses a change without an event, without {@code object.action}, or whose record is no JSON
 * object.
 */
public final class CheckChange implements Processor {
  @Override
  public void process(Exchange exchange) {
    Change change = exchange.getMessage().getBody(Change.class);
    exchange.setProperty("change", change);
    String problem = change.problem();
    if (problem != null) {
      throw new MalformedChangeException(problem);
    }
  }
}
