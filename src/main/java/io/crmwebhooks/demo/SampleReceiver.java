package io.crmwebhooks.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.crmwebhooks.settings.StartupException;
import io.crmwebhooks.verify.Finding;
import io.crmwebhooks.verify.PastedRequest;
import io.crmwebhooks.verify.Verifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A receiver on the loopback interface that verifies what it gets and prints one line a webhook. It
 * answers 204 to what it accepts, 401 to a wrong signature and 503 while an endpoint is down, which
 * {@link #BROKEN} always is. A path nobody added is taken too, unverified, so that a webhook of
 * one's own can point here. Thread-safe.
 */
public final class SampleReceiver implements AutoCloseable {
  private static final int LARGEST_BODY = 10 << 20;
  private static final int SCHEMES = 2;

  /** Where it listens. */
  public static final String ADDRESS = "127.0.0.1";

  /** Where one's own webhook can be seen to fail. */
  static final String BROKEN = "/broken";

  /**
   * When an endpoint is down: from the first request to it for some time, and again every period.
   * Thread-safe.
   */
  static final class Outage {
    static final Outage NEVER = new Outage(Duration.ZERO, Duration.ofDays(1));
    static final Outage ALWAYS = new Outage(Duration.ofDays(1), Duration.ofDays(1));

    private final Duration length;
    private final Duration period;
    private final AtomicReference<Instant> start = new AtomicReference<>();

    Outage(Duration length, Duration period) {
      this.length = length;
      this.period = period;
    }

    /** Whether a request at this time meets it; the first one asked about begins it. */
    boolean meets(Instant request) {
      start.compareAndSet(null, request);
      long sinceStart = Duration.between(start.get(), request).toMillis();
      return sinceStart >= 0 && sinceStart % period.toMillis() < length.toMillis();
    }
  }

  private record Endpoint(Optional<Verifier> verifier, Outage outage) {}

  private final Map<String, Endpoint> endpoints = new ConcurrentHashMap<>();
  private final AttemptLog attempts = new AttemptLog();
  private final Printout printout;
  private final Clock clock;
  private final HttpServer server;
  private final ExecutorService threads;

  private SampleReceiver(HttpServer server, Printout printout, Clock clock) {
    this.server = server;
    this.printout = printout;
    this.clock = clock;
    endpoints.put(BROKEN, new Endpoint(Optional.empty(), Outage.ALWAYS));
    this.threads = Executors.newFixedThreadPool(4, task -> new Thread(task, "sample-receiver"));
  }

  /**
   * Listens on {@link #ADDRESS}.
   *
   * @param port 0 takes any free one
   * @throws StartupException when the port is taken
   */
  public static SampleReceiver start(int port, Printout printout, Clock clock) {
    try {
      var address = new InetSocketAddress(InetAddress.getByName(ADDRESS), port);
      HttpServer server = HttpServer.create(address, 0);
      SampleReceiver receiver = new SampleReceiver(server, printout, clock);
      server.createContext("/", receiver::handle);
      server.setExecutor(receiver.threads);
      server.start();
      return receiver;
    } catch (IOException e) {
      throw new StartupException(
          "the sample receiver cannot listen on port " + port + ": " + e.getMessage(), e);
    }
  }

  /** Verifies what comes to this path, except during its outages. */
  void add(String path, Verifier verifier, Outage outage) {
    endpoints.put(path, new Endpoint(Optional.of(verifier), outage));
  }

  String url(String path) {
    return "http://" + ADDRESS + ":" + server.getAddress().getPort() + path;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY);
      String path = exchange.getRequestURI().getPath();
      Endpoint endpoint =
          endpoints.getOrDefault(path, new Endpoint(Optional.empty(), Outage.NEVER));
      String id = exchange.getRequestHeaders().getFirst("webhook-id");
      Answer answer = answer(endpoint, path + " " + id, exchange, body);
      printout.webhook(path, body, answer.line());
      exchange.sendResponseHeaders(answer.status(), -1);
    }
  }

  private record Answer(int status, String line) {}

  private Answer answer(Endpoint endpoint, String delivery, HttpExchange exchange, byte[] body) {
    int attempt = attempts.next(delivery);
    String ordinal = AttemptLog.ordinal(attempt) + " attempt";
    if (endpoint.outage().meets(clock.instant())) {
      return new Answer(503, "answered 503, down on purpose (" + ordinal + ")");
    }
    Optional<String> problem =
        endpoint.verifier().flatMap(verifier -> problem(verifier, exchange, body));
    if (problem.isPresent()) {
      return new Answer(401, "REFUSED with 401: " + problem.get());
    }
    String verified =
        endpoint.verifier().isPresent() ? "both signatures verified" : "accepted, not verified";
    if (attempts.accept(delivery)) {
      return new Answer(204, verified + ", a repeat of one accepted before");
    }
    return new Answer(204, attempt == 1 ? verified : verified + ", " + ordinal + ", accepted");
  }

  private Optional<String> problem(Verifier verifier, HttpExchange exchange, byte[] body) {
    Map<String, String> headers = PastedRequest.noHeaders();
    exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
    List<Finding> findings = verifier.check(headers, body, clock.instant());
    return findings.stream()
        .filter(finding -> !finding.holds())
        .map(Finding::message)
        .findFirst()
        .or(
            () ->
                findings.size() == SCHEMES ? Optional.empty() : Optional.of("one signature only"));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /**
   * The last 10,000 deliveries, by which a receiver tells a first attempt from a redelivery and
   * from a repeat. Thread-safe.
   */
  static final class AttemptLog {
    private static final int REMEMBERED = 10_000;

    private record Seen(int attempts, boolean accepted) {}

    static String ordinal(int number) {
      return number
          + switch (number % 100 / 10 == 1 ? 0 : number % 10) {
            case 1 -> "st";
            case 2 -> "nd";
            case 3 -> "rd";
            default -> "th";
          };
    }

    private final Map<String, Seen> deliveries =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
            return size() > REMEMBERED;
          }
        };

    /** The number of this attempt of a delivery, from 1. */
    synchronized int next(String delivery) {
      Seen before = deliveries.getOrDefault(delivery, new Seen(0, false));
      deliveries.put(delivery, new Seen(before.attempts() + 1, before.accepted()));
      return before.attempts() + 1;
    }

    /** Notes that it was accepted; true when an earlier attempt had been. */
    synchronized boolean accept(String delivery) {
      Seen before = deliveries.getOrDefault(delivery, new Seen(1, false));
      deliveries.put(delivery, new Seen(before.attempts(), true));
      return before.accepted();
    }
  }
}
