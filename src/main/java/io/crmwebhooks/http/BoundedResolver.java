package io.crmwebhooks.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves hosts within the deadline of the attempt of this thread. The operating system may take
 * far longer when no name server answers, and nothing can interrupt it, so it is asked on a thread
 * that is left behind then. Thread-safe.
 */
final class BoundedResolver implements DnsResolver {
  /** The guard, which knows why the attempt ends, comes first. */
  private static final Duration GRACE = Duration.ofMillis(200);

  private final DnsResolver resolver;

  BoundedResolver(DnsResolver resolver) {
    this.resolver = resolver;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    AttemptPhase.enter("resolving the host name");
    FutureTask<InetAddress[]> lookup = new FutureTask<>(() -> resolver.resolve(host));
    Thread thread = new Thread(lookup, "resolve-host");
    thread.setDaemon(true);
    thread.start();
    try {
      InetAddress[] addresses =
          lookup.get(AttemptPhase.nanosLeft() + GRACE.toNanos(), TimeUnit.NANOSECONDS);
      AttemptPhase.enter("connecting");
      return addresses;
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
