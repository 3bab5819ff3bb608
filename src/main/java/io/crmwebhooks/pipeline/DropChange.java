package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Verdicts;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Notes that the customise route did not want the change sent, so that it can be told from one that
 * was lost.
 */
public final class DropChange implements Processor {
  @Override
  public void process(Exchange exchange) {
    Verdicts.of(exchange).drop(exchange.getProperty("change", Change.class));
  }
}
