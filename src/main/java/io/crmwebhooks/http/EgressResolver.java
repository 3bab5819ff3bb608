package io.crmwebhooks.http;

import inet.ipaddr.IPAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;

/**
 * Resolves hosts for the HTTP client to those addresses only that may be called. The client
 * connects only to checked addresses. A name that changes its address between two look-ups gains
 * nothing. Thread-safe.
 */
public final class EgressResolver implements DnsResolver {
  /**
   * A host has no address that may be called. The message says in plain words which address it has
   * and what kind of address that is.
   */
  static final class BlockedException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    BlockedException(String message) {
      super(message);
    }
  }

  private final EgressRules rules;
  private final DnsResolver names;

  public EgressResolver(EgressRules rules) {
    this(rules, SystemDefaultDnsResolver.INSTANCE);
  }

  EgressResolver(EgressRules rules, DnsResolver names) {
    this.rules = rules;
    this.names = names;
  }

  /**
   * @throws BlockedException when the host has addresses, but none that may be called
   * @throws UnknownHostException when it has none
   */
  @Override
  public InetAddress[] resolve(String name) throws UnknownHostException {
    String host = HostName.asSent(name);
    InetAddress[] all = addresses(host);
    if (rules.allowsByName(host) || isProxy(host)) {
      return all;
    }
    List<InetAddress> allowed = new ArrayList<>(all.length);
    String problem = null;
    for (InetAddress address : all) {
      Optional<String> found = rules.problemOf(host, HostName.address(address));
      if (found.isEmpty()) {
        allowed.add(address);
      } else if (problem == null) {
        problem = found.get();
      }
    }
    if (allowed.isEmpty()) {
      throw new BlockedException(problem);
    }
    return allowed.toArray(InetAddress[]::new);
  }

  /** Java and other programs read an octal 0177.0.0.1 differently; here there is one reading. */
  private InetAddress[] addresses(String host) throws UnknownHostException {
    Optional<IPAddress> literal = HostName.address(host);
    return literal.isPresent()
        ? new InetAddress[] {literal.get().toInetAddress()}
        : names.resolve(host);
  }

  /**
   * The proxy is the operator's own, and most often inside. Whether something else there is called,
   * past the proxy, is checked before: {@link EgressRules#problemOfBypassing}.
   */
  private boolean isProxy(String host) {
    return rules.proxy().map(proxy -> proxy.isAt(host)).orElse(false);
  }

  @Override
  public String resolveCanonicalHostname(String host) throws UnknownHostException {
    return names.resolveCanonicalHostname(host);
  }

  /**
   * Looks hosts up for as long as the caller can wait: no answer in time is none. The operating
   * system may take far longer when no name server answers, and nothing can interrupt it. So a
   * thread asks it that is left behind then. Thread-safe.
   */
  static final class HostLookUp {
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
}
