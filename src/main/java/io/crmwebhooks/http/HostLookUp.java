package io.crmwebhooks.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Looks hosts up for as long as the caller can wait: no answer in time is none. The operating
 * system may take far longer when no name server answers, and nothing can interrupt it. So a thread
 * asks it that is left behind then. Thread-safe.
 */
final class HostLookUp {
  private final DnsResolver resolver;
  private final Semaphore threads;

  /**
   * @param most look-ups at once, those left behind among them; beyond it nothing is asked
   */
  HostLookUp(DnsResolver resolver, int most) {
    this.resolver = resolver;
    this.threads = new Semaphore(most);
  }

  /**
   * @throws UnknownHostException when there is none, or no answer in time; as the resolver says
   */
  InetAddress[] resolve(String host, long nanos) throws UnknownHostException {
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
      return lookUp.get(nanos, TimeUnit.NANOSECONDS);
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
}
