package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.verify.Finding;
import io.crmwebhooks.verify.PastedRequest;
import io.crmwebhooks.verify.Verifier;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * A receiver on this machine that verifies what it gets. A request whose signature does not hold is
 * answered with 401. Each has a thread and a time of its own, so that one that never ends holds up
 * no other; they are handed on one after the other.
 */
final class Listener implements AutoCloseable {
  private static final int LARGEST_BODY = 10 << 20;
  private static final int UNAUTHORIZED = 401;

  private static final int MOST_AT_ONCE = 64;

  static {
    // Read once by the JDK's server: seconds for a request to come, and connections in all.
    System.setProperty("sun.net.httpserver.maxReqTime", "15");
    System.setProperty("jdk.httpserver.maxConnections", "512");
  }

  private final HttpServer server;
  private final ExecutorService threads;
  private final Optional<Verifier> verifier;
  private final int status;
  private final Clock clock;
  private final Consumer<ObjectNode> seen;

  private Listener(
      HttpServer server,
      ExecutorService threads,
      Optional<Verifier> verifier,
      int status,
      Clock clock,
      Consumer<ObjectNode> seen) {
    this.server = server;
    this.threads = threads;
    this.verifier = verifier;
    this.status = status;
    this.clock = clock;
    this.seen = seen;
  }

  /**
   * @param port 0 takes any free one
   * @param verifier empty: nothing is verified
   * @param status the answer to what is to be trusted
   * @param seen is given each request, when it is answered
   */
  static Listener start(
      String host,
      int port,
      Optional<Verifier> verifier,
      int status,
      Clock clock,
      Consumer<ObjectNode> seen) {
    try {
      HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
      ExecutorService threads = Executors.newFixedThreadPool(MOST_AT_ONCE, Listener::thread);
      Listener listener = new Listener(server, threads, verifier, status, clock, seen);
      server.createContext("/", listener::handle);
      server.setExecutor(threads);
      server.start();
      return listener;
    } catch (IOException | RuntimeException e) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "cannot listen on %s, port %d: %s".formatted(host, port, e.getMessage()));
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "listen");
    thread.setDaemon(true);
    return thread;
  }

  String url() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    return "http://%s:%d/"
        .formatted(host.contains(":") ? "[" + host + "]" : host, address.getPort());
  }

  private void handle(HttpExchange exchange) throws IOException {
    ObjectNode request;
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY);
      Map<String, String> headers = PastedRequest.noHeaders();
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
      request =
          Json.object()
              .put("receivedAt", clock.instant().toString())
              .put("method", exchange.getRequestMethod())
              .put("path", exchange.getRequestURI().toString());
      int answer = status;
      if (verifier.isPresent()) {
        List<Finding> findings = verifier.get().check(headers, body, clock.instant());
        request.setAll(Verdict.json(findings));
        answer = Verdict.isGood(findings) ? status : UNAUTHORIZED;
      }
      request.put("answered", answer);
      headers.forEach(request.putObject("headers")::put);
      request.put("body", new String(body, StandardCharsets.UTF_8));
      exchange.sendResponseHeaders(answer, -1);
    }
    synchronized (seen) {
      seen.accept(request);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
