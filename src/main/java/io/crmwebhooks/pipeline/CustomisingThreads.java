package io.crmwebhooks.pipeline;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the tasks of parallel splits one after the other on one thread, so that a change costs no
 * change of threads. Only when a task takes long does another thread take the lead; the first one
 * then ends with its task. Thread-safe.
 */
final class CustomisingThreads extends AbstractExecutorService {
  private static final Logger LOG = LoggerFactory.getLogger(CustomisingThreads.class);

  private final ExecutorService threads;
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Lead> lead = new AtomicReference<>();

  /**
   * @param threads a pool without a bound
   */
  CustomisingThreads(ExecutorService threads) {
    this.threads = threads;
  }

  @Override
  public void execute(Runnable task) {
    waiting.add(task);
    if (lead.get() == null) {
      follow(null);
    }
  }

  /** Has another thread go on with what waits if the task at hand takes longer than this. */
  void relieve(long nanos) {
    Lead busy = lead.get();
    if (busy != null && busy.takesLongerThan(nanos) && !waiting.isEmpty()) {
      follow(busy);
    }
  }

  private void follow(Lead before) {
    Lead next = new Lead();
    if (lead.compareAndSet(before, next)) {
      threads.execute(next);
    }
  }

  private final class Lead implements Runnable {
    private volatile long taskSince;
    private volatile boolean busy;

    boolean takesLongerThan(long nanos) {
      return busy && System.nanoTime() - taskSince > nanos;
    }

    @Override
    public void run() {
      while (lead.get() == this) {
        Runnable task = waiting.poll();
        if (task == null) {
          lead.compareAndSet(this, null);
          if (!waiting.isEmpty() && lead.get() == null) {
            follow(null); // it came in between
          }
          return;
        }
        taskSince = System.nanoTime();
        busy = true;
        try {
          task.run();
        } catch (RuntimeException | Error e) {
          LOG.error("customising.failed a task ended with an exception of its own", e);
        }
        busy = false;
      }
    }
  }

  @Override
  public void shutdown() {
    threads.shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return threads.shutdownNow();
  }

  @Override
  public boolean isShutdown() {
    return threads.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return threads.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return threads.awaitTermination(timeout, unit);
  }
}
