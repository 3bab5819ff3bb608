package io.crmwebhooks.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Looks hosts up for somebody who waits, for a moment only: no answer in time is none. The
 * operating system may take far longer, and nothing can interrupt it, so it is asked on a thread
 * that is left behind then; while many are, nothing more is asked. Thread-safe.
 */
final class QuickLookUp implements DnsResolver {
  static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int MOST_LEFT_BEHIND = 4;

  private final DnsResolver resolver;
  private final Semaphore threads = new Semaphore(MOST_LEFT_BEHIND);

  QuickLookUp(DnsResolver resolver) {
    this.resolver = resolver;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    if (!threads.tryAcquire()) {
      throw new UnknownHostException(host + ": too many look-ups wait");
    }
    FutureTask<InetAddress[]> lookUp =
        new FutureTask<>(
            () -> {
              try {
                return resolver.resolve(host);
              } finally {
                threads.release();
              }
            });
    Thread thread = new Thread(lookUp, "look-up-host");
    thread.setDaemon(true);
    thread.start();
    try {
      return lookUp.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException unknown) {
        throw unknown;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new UnknownHostException(host + ": no answer in time");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException(host + ": interrupted");
    }
  }

  @Override
  public String resolveCanonicalHostname(String host) throws UnknownHostException {
    return resolver.resolveCanonicalHostname(host);
  }
}
