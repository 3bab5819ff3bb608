package io.crmwebhooks.http;

import io.crmwebhooks.http.EgressResolver.HostLookUp;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.Timeout;

/**
 * Connects to a host by one of its addresses. A silent address leaves time for the others.
 * Addresses of both families take turns, each for a share of the time that is left until the
 * attempt's deadline, a short one at first. Silent ones get a second turn. Thread-safe.
 */
final class DeliveryConnector extends DefaultHttpClientConnectionOperator {
  private static final int MOST_ADDRESSES = 8;
  private static final long FIRST_SHARE = Duration.ofSeconds(2).toNanos();

  /** The guard, which knows why the attempt ends, comes before the end of a look-up. */
  private static final long GRACE_NANOS = Duration.ofMillis(200).toNanos();

  private final HostLookUp names;
  private final SchemePortResolver ports;

  DeliveryConnector(SchemePortResolver ports, DnsResolver resolver, TlsSocketStrategy tls) {
    // Sockets of channels can be looked at without waiting.
    super(
        proxy -> SocketChannel.open().socket(),
        ports,
        resolver,
        RegistryBuilder.<TlsSocketStrategy>create().register(URIScheme.HTTPS.id, tls).build());
    this.names = new HostLookUp(resolver, Integer.MAX_VALUE);
    this.ports = ports;
  }

  private interface Connecting {
    void to(InetAddress address, Timeout timeout) throws IOException;
  }

  @Override
  public void connect(
      ManagedHttpClientConnection connection,
      HttpHost host,
      NamedEndpoint name,
      InetSocketAddress local,
      Timeout timeout,
      SocketConfig config,
      Object attachment,
      HttpContext context)
      throws IOException {
    DeliveryRequest delivery = DeliveryRequest.in(context);
    delivery.use(connection);
    delivery.connects(context);
    delivery.enter("resolving the host name");
    InetAddress[] found = names.resolve(host.getHostName(), delivery.nanosLeft() + GRACE_NANOS);
    int port = ports.resolve(host.getSchemeName(), host);
    connect(
        inTurns(found),
        delivery,
        timeout,
        (address, share) -> {
          delivery.enter("connecting");
          HttpHost there = new HttpHost(host.getSchemeName(), address, host.getHostName(), port);
          super.connect(connection, there, name, local, share, config, attachment, context);
        });
  }

  private static void connect(
      List<InetAddress> addresses, DeliveryRequest delivery, Timeout longest, Connecting connecting)
      throws IOException {
    Deque<InetAddress> turns = new ArrayDeque<>(addresses);
    int firstTurns = addresses.size() == 1 ? 0 : addresses.size();
    while (true) {
      boolean first = firstTurns-- > 0;
      InetAddress address = turns.remove();
      try {
        connecting.to(address, share(turns.size() + (first ? 2 : 1), first, delivery, longest));
        return;
      } catch (SocketTimeoutException e) {
        if (first) {
          turns.add(address);
        }
        if (turns.isEmpty()) {
          throw e;
        }
      } catch (IOException e) {
        if (turns.isEmpty()) {
          throw e;
        }
      }
    }
  }

  /** The last may take as long as it likes: the guard ends it, and knows what it was at. */
  private static Timeout share(
      int turns, boolean first, DeliveryRequest delivery, Timeout longest) {
    if (turns == 1) {
      return longest;
    }
    long nanos = delivery.nanosLeft() / turns;
    return Timeout.of(
        Math.max(1, TimeUnit.NANOSECONDS.toMillis(first ? Math.min(nanos, FIRST_SHARE) : nanos)),
        TimeUnit.MILLISECONDS);
  }

  /** The families by turns, each in the order that it has, the first one's first. */
  static List<InetAddress> inTurns(InetAddress... addresses) {
    Deque<InetAddress> ones = new ArrayDeque<>();
    Deque<InetAddress> others = new ArrayDeque<>();
    boolean old = addresses[0] instanceof Inet4Address;
    Arrays.stream(addresses)
        .forEach(address -> (address instanceof Inet4Address == old ? ones : others).add(address));
    List<InetAddress> turns = new ArrayList<>();
    while (turns.size() < Math.min(addresses.length, MOST_ADDRESSES)) {
      Deque<InetAddress> next =
          (turns.size() % 2 == 0 && !ones.isEmpty()) || others.isEmpty() ? ones : others;
      turns.add(next.remove());
    }
    return turns;
  }

  /**
   * Whether there is nothing to read, what TLS holds back included.
   *
   * @param rested whether the receiver may have closed the connection meanwhile. Looking at that
   *     costs more.
   */
  static boolean isQuiet(SocketHolder holder, boolean rested) {
    if (holder == null) {
      return false;
    }
    try {
      SSLSocket tls = holder.getSSLSocket();
      if ((tls != null && tls.getInputStream().available() > 0)
          || holder.getBaseSocket().getInputStream().available() > 0) {
        return false;
      }
      return !rested || !isAtEnd(holder.getBaseSocket().getChannel());
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isAtEnd(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    try {
      return channel.read(ByteBuffer.allocate(1)) != 0; // a byte ends it, too
    } finally {
      channel.configureBlocking(true);
    }
  }

  /** Makes another thread's write fail; bytes that have come can still be read. */
  static void endOutput(SocketHolder holder) {
    try {
      holder.getBaseSocket().shutdownOutput();
    } catch (IOException e) {
      // It has ended.
    }
  }
}
