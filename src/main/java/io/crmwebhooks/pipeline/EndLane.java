package io.crmwebhooks.pipeline;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Notes that a lane, in the body, has ended. When all quick lanes of a batch have, the next batch
 * may begin its work, although this one may wait for slower webhooks still. Thread-safe.
 */
public final class EndLane implements Processor {
  @Override
  public void process(Exchange exchange) {
    Lane lane = exchange.getMessage().getBody(Lane.class);
    if (lane.quick() && Batch.of(exchange).endQuickLane()) {
      exchange.getProperty(BatchSlots.SLOT, BatchSlots.Slot.class).workDone();
    }
  }
}
