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
  private static final String DELIVERIES = "direct:" + DeliverySteps.ROUTE;
  private static final long LOOK_MILLIS = 25;
  private static final long LONG = TimeUnit.MILLISECONDS.toNanos(50);

  private final Duration timeout;
  private final ExecutorService pool;
  private final CustomisingThreads threads;
  private final Semaphore places = new Semaphore(PLACES);
  private final Set<CustomisingRun> running = ConcurrentHashMap.newKeySet();
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
    if (step instanceof ToDefinition to && BOUNDED.contains(to.getEndpointUri())) {
      return new Bounded(target);
    }
    return step instanceof ToDefinition to && DELIVERIES.equals(to.getEndpointUri())
        ? new OfDelivery(target)
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

  private final CustomisingRun.Bounds bounds =
      new CustomisingRun.Bounds() {
        @Override
        public Duration timeout() {
          return timeout;
        }

        @Override
        public void ended(CustomisingRun run) {
          running.remove(run);
          places.release();
        }

        @Override
        public void abandoned(CustomisingRun run) {
          int hanging = abandoned.incrementAndGet();
          running.remove(run);
          if (hanging == PLACES) {
            LOG.warn(
                "customising.paused {} abandoned steps hang; nothing is claimed until one ends",
                hanging);
          }
        }

        @Override
        public void freed(Change change) {
          int hanging = abandoned.decrementAndGet();
          LOG.info("customising.ended an abandoned step has ended {} hanging={}", change, hanging);
        }

        @Override
        public void execute(Runnable task) {
          pool.execute(task);
        }
      };

  /** The steps of one delivery, within those of its change. */
  private final class OfDelivery extends DelegateAsyncProcessor {
    OfDelivery(Processor target) {
      super(target);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
      CustomisingRun run =
          running.stream().filter(each -> each.isOf(exchange)).findFirst().orElse(null);
      if (run == null) { // called by a route that is none of ours
        return super.process(exchange, callback);
      }
      run.entered();
      boolean sync =
          super.process(
              exchange,
              doneSync -> {
                run.deliveryEnds();
                callback.done(doneSync);
              });
      run.left(sync);
      return sync;
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
      CustomisingRun run = new CustomisingRun(bounds, exchange, callback, change, verdicts);
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
}
