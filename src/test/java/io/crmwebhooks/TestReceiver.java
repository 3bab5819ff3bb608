package io.crmwebhooks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;

/** A real HTTP receiver on loopback that keeps what it gets and answers as a test wants. */
public final class TestReceiver implements AutoCloseable {
  /**
   * A request as it came; header names in lower case.
   *
   * @param client whom the client certificate names; null when there was none
   * @param connection the port that it came from
   */
  public record Received(
      String method,
      String path,
      Map<String, String> headers,
      byte[] body,
      String client,
      int connection) {
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    public String id() {
      return headers.get("webhook-id");
    }
  }

  /** Answers one request; whatever it does not send is for {@link HttpExchange#close} to end. */
  public interface Answer {
    void to(Received request, HttpExchange exchange) throws IOException;
  }

  static {
    // Else the server's two small packets an answer wait for each other's acknowledgement, 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Received> received = new CopyOnWriteArrayList<>();

  private TestReceiver(HttpServer server, Answer answer) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            Received request =
                new Received(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders().entrySet().stream()
                        .collect(
                            Collectors.toMap(
                                e -> e.getKey().toLowerCase(Locale.ROOT),
                                e -> String.join(",", e.getValue()))),
                    exchange.getRequestBody().readAllBytes(),
                    clientOf(exchange),
                    exchange.getRemoteAddress().getPort());
            received.add(request);
            answer.to(request, exchange);
          }
        });
    server.start();
  }

  private static String clientOf(HttpExchange exchange) {
    try {
      return exchange instanceof HttpsExchange https
          ? https.getSSLSession().getPeerPrincipal().getName()
          : null;
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  /**
   * Answers each request with the next status.
   *
   * @param statuses the last answers all further ones
   */
  public static TestReceiver answeringInTurn(int... statuses) {
    AtomicInteger before = new AtomicInteger();
    return answering(
        (request, exchange) ->
            respond(
                exchange, statuses[Math.min(before.getAndIncrement(), statuses.length - 1)], ""));
  }

  public static TestReceiver answering(Answer answer) {
    try {
      return new TestReceiver(HttpServer.create(anyPort(), 0), answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Answers everything with 200, over TLS.
   *
   * @param configurator what is asked of clients
   */
  public static TestReceiver overTls(HttpsConfigurator configurator) {
    return overTls(configurator, (request, exchange) -> respond(exchange, 200, "received"));
  }

  /** As {@link #answering(Answer)}, over TLS. */
  public static TestReceiver overTls(HttpsConfigurator configurator, Answer answer) {
    try {
      HttpsServer server = HttpsServer.create(anyPort(), 0);
      server.setHttpsConfigurator(configurator);
      return new TestReceiver(server, answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /** Answers everything with this status and a short body. */
  public static TestReceiver answering(int status) {
    return answering((request, exchange) -> respond(exchange, status, "answer " + status));
  }

  /** Answers everything with 200, but not before the latch is open. */
  public static TestReceiver answeringAfter(CountDownLatch open) {
    return answering(
        (request, exchange) -> {
          await(open);
          respond(exchange, 200, "");
        });
  }

  /** For receivers that let nobody wait for ever. */
  public static void await(CountDownLatch open) {
    try {
      open.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  public String url(String path) {
    return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:" + port() + path;
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public List<Received> received() {
    return received;
  }

  public List<Received> received(String path) {
    return received.stream().filter(request -> request.path().equals(path)).toList();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
