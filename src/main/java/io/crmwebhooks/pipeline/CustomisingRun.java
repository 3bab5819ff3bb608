package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.News.NewsPace;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A change in the steps that {@code Customising} bounds. The first thread that ends it calls its
 * callback, once. Thread-safe.
 */
final class CustomisingRun implements AsyncCallback {
  private static final Logger LOG = LoggerFactory.getLogger(CustomisingRun.class);
  private static final long TOO_LONG_FOR_A_SLOT = TimeUnit.MILLISECONDS.toNanos(500);

  /** A line for each step in a while, however many changes it holds up. */
  private static final NewsPace PACE = new NewsPace(Duration.ofMinutes(1), System::nanoTime);

  /** Counts the changes that are in these steps. */
  interface Bounds {
    /** How long the steps of one change may take. */
    Duration timeout();

    /** The steps have come to their end. */
    void ended(CustomisingRun run);

    /** A step has been abandoned. */
    void abandoned(CustomisingRun run);

    /** An abandoned step has ended. */
    void freed(Change change);

    /** Has another thread do this. */
    void execute(Runnable task);
  }

  private final Bounds bounds;
  private final Exchange exchange;
  private final AsyncCallback callback;
  private final Change change;
  private final Verdicts verdicts;
  private final long since = System.nanoTime();
  private Thread thread = Thread.currentThread();
  private boolean ended;
  private boolean given;
  private boolean warned;

  CustomisingRun(
      Bounds bounds, Exchange exchange, AsyncCallback callback, Change change, Verdicts verdicts) {
    this.bounds = bounds;
    this.exchange = exchange;
    this.callback = callback;
    this.change = change;
    this.verdicts = verdicts;
  }

  boolean isOf(Exchange other) {
    return exchange == other;
  }

  private synchronized boolean end() {
    boolean first = !ended;
    ended = true;
    return first;
  }

  /** The steps have come to their end. */
  @Override
  public void done(boolean doneSync) {
    boolean inTime = end();
    bounds.ended(this);
    if (!inTime) {
      bounds.freed(change);
      return;
    }
    if (!verdicts.isSettled(change)) {
      settle();
    }
    callback.done(doneSync);
  }

  /** The routes have been left without a verdict, as by a step that says stop. */
  private void settle() {
    Exception failure = exchange.getException();
    if (failure == null) {
      verdicts.drop(change);
    } else {
      verdicts.park(change, Dispatch.reason(exchange, failure));
    }
  }

  /** This thread goes on with its steps. */
  synchronized void entered() {
    thread = Thread.currentThread();
  }

  /**
   * The steps of one of its deliveries have come to their end. A step that says stop there leaves
   * out that delivery, and not the others.
   */
  synchronized void deliveryEnds() {
    if (!ended && exchange.isRouteStop()) {
      exchange.setRouteStop(false);
      exchange.getMessage().setBody(null);
    }
  }

  /** Its thread has come back from the steps, which may go on elsewhere. */
  synchronized boolean left(boolean sync) {
    thread = null;
    if (given) {
      Thread.interrupted(); // that was meant for the step
    }
    return sync && !given;
  }

  /** Sees to its bounds, every few milliseconds. */
  void look(long now) {
    long age = now - since;
    verdicts.moves();
    Claims.Slot slot = age > TOO_LONG_FOR_A_SLOT ? Carried.SLOT.of(exchange) : null;
    if (slot != null) {
      slot.giveBack();
    }
    long most = bounds.timeout().toNanos();
    if (!warned && age > most / 3) {
      warned = true;
      warn(age);
    }
    if (age > most) {
      abandon();
    }
  }

  private void warn(long age) {
    String place = StepPlace.current(exchange);
    OptionalLong leftOut = PACE.admit(place);
    if (leftOut.isPresent()) {
      LOG.warn(
          "customising.slow {} has taken {} of the {} ms of webhooks.customise.timeout: {} leftOut={}",
          change,
          TimeUnit.NANOSECONDS.toMillis(age),
          bounds.timeout().toMillis(),
          place,
          leftOut.getAsLong());
    }
  }

  private void abandon() {
    String place = StepPlace.current(exchange);
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      given = true;
      exchange.setRouteStop(true); // no step after it is taken
      if (thread != null) {
        thread.interrupt();
      }
    }
    bounds.abandoned(this);
    verdicts.park(
        change,
        "could not be dispatched: %s took longer than webhooks.customise.timeout (%d ms)"
            .formatted(place, bounds.timeout().toMillis()));
    bounds.execute(() -> callback.done(false));
  }
}
