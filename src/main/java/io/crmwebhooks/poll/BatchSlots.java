package io.crmwebhooks.poll;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Bounds the batches in flight. A parallel split returns to the poll at once, so this is what keeps
 * the poll from running ahead: the exchange takes a slot, waiting for one a while, and gives it
 * back when it is done, however it ends. Without a slot the exchange stops here. Thread-safe.
 */
public final class BatchSlots implements Processor {
  private final Semaphore slots;
  private final long waitMillis;

  /**
   * @param wait how long to wait for a slot; the next poll asks again
   */
  public BatchSlots(int batches, Duration wait) {
    this.slots = new Semaphore(batches);
    this.waitMillis = wait.toMillis();
  }

  @Override
  public void process(Exchange exchange) throws InterruptedException {
    if (!slots.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
      exchange.setRouteStop(true);
      return;
    }
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                slots.release();
              }
            });
  }
}
