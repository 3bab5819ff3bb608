package io.crmwebhooks.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import sun.misc.Signal;

/**
 * SIGTERM and SIGINT as something to wait for. With a shutdown hook the virtual machine would end
 * with 143 even after an orderly end, and all hooks would run at once. So this takes the signals,
 * and the main thread ends the program itself. A second signal ends it at once, as a kill would.
 */
final class StopSignal {
  private final CountDownLatch received = new CountDownLatch(1);

  private StopSignal() {}

  /** Takes the signals over from the virtual machine, for the rest of its life. */
  static StopSignal install() {
    StopSignal stop = new StopSignal();
    for (String name : new String[] {"TERM", "INT"}) {
      Signal.handle(new Signal(name), signal -> stop.receive());
    }
    return stop;
  }

  private void receive() {
    if (received.getCount() == 0) {
      Runtime.getRuntime().halt(130); // asked twice
    }
    received.countDown();
  }

  /** As if one had come. */
  void now() {
    received.countDown();
  }

  /** Returns when one of the signals has come. */
  void await() throws InterruptedException {
    received.await();
  }

  /**
   * As {@link #await()}, but no longer than this.
   *
   * @return whether a signal has come
   */
  boolean await(Duration atMost) throws InterruptedException {
    return received.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }
}
