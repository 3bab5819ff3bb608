package io.crmwebhooks.pipeline;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Bounds the batches in flight. A parallel split returns to the poll at once, so this is what keeps
 * the poll from running ahead: the exchange takes a slot, waiting for one a while, and gives it
 * back when it is done, however it ends. A batch that only waits for slow answers may say so
 * before; there may be as many of those again. One that waits for a slow customising step gives its
 * slot back at once, since other things bound those. Without a slot the exchange stops here.
 * Thread-safe.
 */
public final class BatchSlots implements Processor {
  /** The exchange property with the {@link Slot}. */
  public static final String SLOT = "slot";

  private final Semaphore working;
  private final Semaphore open;
  private final long waitMillis;

  /**
   * @param batches at work at once
   * @param wait how long to wait for a slot; the next poll asks again
   */
  public BatchSlots(int batches, Duration wait) {
    this.working = new Semaphore(batches);
    this.open = new Semaphore(2 * batches);
    this.waitMillis = wait.toMillis();
  }

  @Override
  public void process(Exchange exchange) throws InterruptedException {
    if (!open.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
      exchange.setRouteStop(true);
      return;
    }
    if (!working.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
      open.release();
      exchange.setRouteStop(true);
      return;
    }
    Slot slot = new Slot();
    exchange.setProperty(SLOT, slot);
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                slot.giveBack();
              }
            });
  }

  /** A batch's place among those at work. */
  public final class Slot {
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicBoolean given = new AtomicBoolean();

    /** From now on the batch only waits. May be called more than once. */
    public void workDone() {
      if (done.compareAndSet(false, true)) {
        working.release();
      }
    }

    /** From now on the batch counts for nothing. May be called more than once. */
    public void giveBack() {
      workDone();
      if (given.compareAndSet(false, true)) {
        open.release();
      }
    }
  }
}
