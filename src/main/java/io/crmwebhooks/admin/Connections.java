package io.crmwebhooks.admin;

import com.sun.management.UnixOperatingSystemMXBean;
import io.crmwebhooks.admin.ConnectionGuard.Phase;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.ConnectionBase;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The connections to the HTTP server, which anybody who reaches the port can open. Their number,
 * the time that a client may take, and the bytes that clients have not read are bounded. A
 * connection over a bound is closed, and other work of this process goes on. Used by the server's
 * one event loop only.
 */
final class Connections implements ConnectionGuard.Keeper {
  /** Share of the file descriptors that this process may have; deliveries need the rest. */
  private static final int SHARE = 8;

  /** Camel writes most bodies as they are read, 64 KiB ahead; the metrics are written whole. */
  private static final long MOST_UNREAD = 16L << 20;

  private static final Duration LEAVING = Duration.ofSeconds(2);

  private final HttpServerOptions options;
  private final int most;
  private final long patience;
  private final Set<ConnectionGuard> open = new LinkedHashSet<>();

  /**
   * @param options of the server
   * @param most connections, as far as the limit of file descriptors allows
   * @param patience for the whole of a request, and for the reading of its answer
   */
  Connections(HttpServerOptions options, int most, Duration patience) {
    this.options = options;
    this.most = Math.max(8, Math.min(most, descriptors() / SHARE));
    this.patience = patience.toNanos();
  }

  private static int descriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? (int) Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount())
        : Integer.MAX_VALUE;
  }

  /** Takes a new one in; at the limit another goes, or this one when all have work to wait for. */
  void add(HttpConnection connection) {
    ConnectionGuard guard = new ConnectionGuard(this);
    ChannelPipeline pipeline = ((ConnectionBase) connection).channel().pipeline();
    pipeline.replace("httpDecoder", "httpDecoder", new RequestDecoder(options));
    pipeline.addBefore("handler", "guard", guard);
    if (open.size() >= most) {
      Optional<ConnectionGuard> least = dispensable();
      if (least.isEmpty()) {
        guard.close();
        return;
      }
      end(least.get());
    }
    open.add(guard);
  }

  /** Without a whole request before those that do not read their answer, the oldest first. */
  private Optional<ConnectionGuard> dispensable() {
    return open.stream()
        .filter(guard -> guard.phase() != Phase.WORK)
        .min(Comparator.comparing(ConnectionGuard::phase).thenComparing(byAge()));
  }

  private static Comparator<ConnectionGuard> byAge() {
    long now = System.nanoTime();
    return Comparator.comparingLong(guard -> guard.since() - now);
  }

  private void end(ConnectionGuard guard) {
    open.remove(guard);
    guard.close();
  }

  @Override
  public void remove(ConnectionGuard guard) {
    open.remove(guard);
  }

  /** Closes those whose time is over; to be called now and then. */
  void closeOverdue() {
    long now = System.nanoTime();
    for (ConnectionGuard guard : new ArrayList<>(open)) {
      long allowed =
          switch (guard.phase()) {
            case HEAD, BODY, ANSWER -> patience;
            case LEAVING -> LEAVING.toNanos();
            case WORK -> Long.MAX_VALUE;
          };
      if (now - guard.since() > allowed) {
        end(guard);
      }
    }
  }

  /** Closes connections with the oldest unread answers until the rest fits into memory. */
  @Override
  public void boundUnread(ConnectionGuard latest) {
    long unread = open.stream().mapToLong(ConnectionGuard::unread).sum();
    if (unread > MOST_UNREAD) {
      for (ConnectionGuard guard : open.stream().sorted(byAge()).toList()) {
        if (unread > MOST_UNREAD && guard != latest && guard.unread() > 0) {
          unread -= guard.unread();
          end(guard);
        }
      }
    }
  }

  /**
   * Reads requests as the server's own decoder does, with a bound on the number of headers. A short
   * header takes fifty times its length in memory, and a head may never end.
   */
  private static final class RequestDecoder extends VertxHttpRequestDecoder {
    private static final int MOST_HEADERS = 100;

    RequestDecoder(HttpServerOptions options) {
      super(options);
    }

    @Override
    protected HttpMessage createMessage(String[] line) {
      return new DefaultHttpRequest(
          HttpVersion.valueOf(line[2]), HttpMethod.valueOf(line[0]), line[1], new FewHeaders());
    }

    private static final class FewHeaders extends DefaultHttpHeaders {
      @Override
      public HttpHeaders add(CharSequence name, Object value) {
        if (size() >= MOST_HEADERS) {
          throw new TooLongHttpHeaderException("more than " + MOST_HEADERS + " headers");
        }
        return super.add(name, value);
      }
    }
  }
}
