package io.crmwebhooks.deliver;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * How far an attempt has come, in words, for whoever ends it at its deadline. The parts of the HTTP
 * client say so on the thread that makes the attempt; any thread may read it.
 */
final class AttemptPhase implements AutoCloseable {
  private static final ThreadLocal<AttemptPhase> CURRENT = new ThreadLocal<>();

  private volatile String words = "connecting";

  private AttemptPhase() {}

  /** Begins an attempt on this thread, until it is closed. */
  static AttemptPhase begin() {
    AttemptPhase phase = new AttemptPhase();
    CURRENT.set(phase);
    return phase;
  }

  /** Notes what the attempt of this thread, if there is one, does from now on. */
  static void enter(String words) {
    AttemptPhase phase = CURRENT.get();
    if (phase != null) {
      phase.words = words;
    }
  }

  /** The resolver, and the phase that it is. */
  static DnsResolver around(DnsResolver resolver) {
    return new DnsResolver() {
      @Override
      public InetAddress[] resolve(String host) throws UnknownHostException {
        enter("resolving the host name");
        InetAddress[] addresses = resolver.resolve(host);
        enter("connecting");
        return addresses;
      }

      @Override
      public String resolveCanonicalHostname(String host) throws UnknownHostException {
        return resolver.resolveCanonicalHostname(host);
      }
    };
  }

  @Override
  public String toString() {
    return words;
  }

  @Override
  public void close() {
    CURRENT.remove();
  }
}
