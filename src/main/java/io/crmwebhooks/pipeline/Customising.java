package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.ExecutorServiceManager;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds how long the steps may take that a change goes through before it is owed. Changes go
 * through them one after the other, on one thread. One that takes long holds up nobody: another
 * thread goes on with the next, up to {@link #PLACES} at once. One that takes longer than it may is
 * <em>abandoned</em>: it gets its verdict, its batch goes on without it, and later effects of its
 * step are ignored. It keeps its place until its step ends, since a thread cannot be killed. When
 * all places are kept in this way, nothing is claimed until one is free. Thread-safe.
 */
public final class Customising implements InterceptStrategy {
  private static final Logger LOG = LoggerFactory.getLogger(Customising.class);

  /** Changes at once in these steps, the abandoned ones among them. */
  public static final int PLACES = 16;

  private static final Set<String> BOUNDED =
      Set.of("direct:dispatch-change", "direct:replay-change");
  private static final long LOOK_MILLIS = 25;
  private static final long LONG = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long TOO_LONG_FOR_A_SLOT = TimeUnit.MILLISECONDS.toNanos(500);

  private final Duration timeout;
  private final ExecutorService pool;
  private final CustomisingThreads threads;
  private final Semaphore places = new Semaphore(PLACES);
  private final Set<Run> running = ConcurrentHashMap.newKeySet();
  private final AtomicInteger abandoned = new AtomicInteger();

  /**
   * @param timeout how long the steps of one change may take
   * @param pool threads without a bound
   * @param watch looks after them
   */
  private Customising(Duration timeout, ExecutorService pool, ScheduledExecutorService watch) {
    this.timeout = timeout;
    this.pool = pool;
    this.threads = new CustomisingThreads(pool);
    watch.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * For the routes of a context, to be called before they are made.
   *
   * @param ours the ids of the pipeline's own routes
   */
  public static Customising in(CamelContext context, Duration timeout, Set<String> ours) {
    ExecutorServiceManager threads = context.getExecutorServiceManager();
    Customising customising =
        new Customising(
            timeout,
            threads.newCachedThreadPool(Customising.class, "customise"),
            threads.newSingleThreadScheduledExecutor(Customising.class, "watch-customising"));
    context.getCamelContextExtension().addInterceptStrategy(customising);
    context.getCamelContextExtension().addInterceptStrategy(new StepPlace(ours));
    return customising;
  }

  /** Where the splits are to run. */
  public ExecutorService threads() {
    return threads;
  }

  /** How many steps hang that were abandoned. */
  public int abandoned() {
    return abandoned.get();
  }

  /** Whether so many hang that no change can be taken on. */
  public boolean isPaused() {
    return abandoned.get() >= PLACES;
  }

  @Override
  public Processor wrapProcessorInInterceptors(
      CamelContext context, NamedNode step, Processor target, Processor next) {
    return step instanceof ToDefinition to && BOUNDED.contains(to.getEndpointUri())
        ? new Bounded(target)
        : target;
  }

  private void look() {
    try {
      long now = System.nanoTime();
      running.forEach(run -> run.look(now));
      if (places.availablePermits() > 0 || isPaused()) { // the next finds a place, or none for long
        threads.relieve(LONG);
      }
    } catch (RuntimeException e) {
      LOG.error("customising.unwatched for a moment", e);
    }
  }

  private final class Bounded extends DelegateAsyncProcessor {
    Bounded(Processor target) {
      super(target);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
      Change change = exchange.getMessage().getBody(Change.class);
      Verdicts verdicts = Carried.VERDICTS.of(exchange);
      if (!takePlace()) {
        verdicts.giveBack(change);
        callback.done(true);
        return true;
      }
      Run run = new Run(exchange, callback, change, verdicts);
      running.add(run);
      StepPlace.watch(exchange);
      boolean sync = super.process(exchange, run);
      return run.left(sync);
    }

    /** Waits for one. Each is free again within the timeout, or for long not. */
    private boolean takePlace() {
      try {
        while (!places.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          if (isPaused()) {
            return false;
          }
        }
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  /** A change in these steps. The first thread that ends it calls its callback, once. */
  private final class Run implements AsyncCallback {
    private final Exchange exchange;
    private final AsyncCallback callback;
    private final Change change;
    private final Verdicts verdicts;
    private final long since = System.nanoTime();
    private Thread thread = Thread.currentThread();
    private boolean ended;
    private boolean given;

    Run(Exchange exchange, AsyncCallback callback, Change change, Verdicts verdicts) {
      this.exchange = exchange;
      this.callback = callback;
      this.change = change;
      this.verdicts = verdicts;
    }

    private synchronized boolean end() {
      boolean first = !ended;
      ended = true;
      return first;
    }

    /** The steps have come to their end. */
    @Override
    public void done(boolean doneSync) {
      running.remove(this);
      boolean inTime = end();
      places.release();
      if (!inTime) {
        int hanging = abandoned.decrementAndGet();
        LOG.info("customising.ended an abandoned step has ended {} hanging={}", change, hanging);
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

    /** Its thread has come back from the steps, which may go on elsewhere. */
    synchronized boolean left(boolean sync) {
      thread = null;
      if (given) {
        Thread.interrupted(); // that was meant for the step
      }
      return sync && !given;
    }

    void look(long now) {
      long age = now - since;
      verdicts.moves();
      Claims.Slot slot = age > TOO_LONG_FOR_A_SLOT ? Carried.SLOT.of(exchange) : null;
      if (slot != null) {
        slot.giveBack();
      }
      if (age > timeout.toNanos()) {
        abandon();
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
      int hanging = abandoned.incrementAndGet();
      running.remove(this);
      verdicts.park(
          change,
          "could not be dispatched: %s took longer than webhooks.customise.timeout (%d ms)"
              .formatted(place, timeout.toMillis()));
      if (hanging == PLACES) {
        LOG.warn(
            "customising.paused {} abandoned steps hang; nothing is claimed until one of them ends",
            hanging);
      }
      pool.execute(() -> callback.done(false));
    }
  }
}
