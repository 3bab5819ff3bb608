package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import io.crmwebhooks.cli.RunCommand.StopSignal;
import io.crmwebhooks.verify.Finding;
import io.crmwebhooks.verify.PastedRequest;
import io.crmwebhooks.verify.Verifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code crm-webhooks listen}. Each request has its own thread and time, so that an endless one
 * delays no other. They are printed one after the other.
 */
@Command(
    name = "listen",
    description = {
      "Receives webhooks on this machine, verifies and prints them, until Ctrl-C. Wrong signatures are answered with"
          + " 401. Where it is to be called, WEBHOOKS_EGRESS_ALLOW must have its address."
    },
    footer = {
      "  crm-webhooks listen --secret whsec_…",
      "  crm-webhooks listen --answer 503             # an endpoint that fails",
      "  crm-webhooks listen --json | jq .body",
      "  crm-webhooks listen --record received.jsonl  # for twenty compare"
    })
final class ListenCommand implements Callable<Integer> {
  private static final int LARGEST_BODY = 10 << 20;
  private static final int UNAUTHORIZED = 401;
  private static final int UNWRITTEN = 500;
  private static final int MOST_AT_ONCE = 64;

  static {
    // Read once by the JDK's server: seconds for a request to come, and connections in all.
    System.setProperty("sun.net.httpserver.maxReqTime", "15");
    System.setProperty("jdk.httpserver.maxConnections", "512");
  }

  @Spec private CommandSpec spec;

  @Option(
      names = {"-p", "--port"},
      defaultValue = "9000",
      description = "Port; 0 takes any free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Address to listen on. Default: ${DEFAULT-VALUE}.")
  private String host;

  @Mixin private VerifyCommand.Options options;

  @Option(
      names = {"-a", "--answer"},
      paramLabel = "STATUS",
      defaultValue = "204",
      description = "Status to answer, 200 to 599. Default: ${DEFAULT-VALUE}.")
  private int status;

  @Option(
      names = {"-n", "--count"},
      description = "End after so many requests.")
  private Integer count;

  @Option(names = "--json", description = "Print JSON, an object a line, for scripts.")
  private boolean json;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description =
          "Also append each request to this file, a JSON object a line; one that cannot be written is answered with 500.")
  private Path record;

  private Optional<Verifier> verifier;
  private Writer recorded = Writer.nullWriter();
  private StopSignal stop;
  private int printed;

  @Override
  public Integer call() throws InterruptedException {
    if (status < 200 || status > 599) {
      throw new Console(spec, json)
          .wrongUsage("--answer must be from 200 to 599, but is " + status);
    }
    verifier = options.verifier();
    stop = StopSignal.install();
    ExecutorService threads = Executors.newFixedThreadPool(MOST_AT_ONCE, ListenCommand::thread);
    recorded = record == null ? recorded : open(record);
    HttpServer server = start(threads);
    try {
      PrintWriter err = spec.commandLine().getErr();
      err.println("listening on " + url(server.getAddress()) + " until Ctrl-C");
      err.flush();
      stop.await();
    } finally {
      server.stop(0);
      threads.shutdownNow();
    }
    return ExitCode.OK;
  }

  private HttpServer start(ExecutorService threads) {
    try {
      HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
      server.createContext("/", this::handle);
      server.setExecutor(threads);
      server.start();
      return server;
    } catch (IOException | RuntimeException e) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "cannot listen on %s, port %d: %s".formatted(host, port, e.getMessage()));
    }
  }

  private static Writer open(Path file) {
    try {
      return Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "cannot write to %s: %s".formatted(file, e.getMessage()));
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "listen");
    thread.setDaemon(true);
    return thread;
  }

  private static String url(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return "http://%s:%d/"
        .formatted(host.contains(":") ? "[" + host + "]" : host, address.getPort());
  }

  private void handle(HttpExchange exchange) throws IOException {
    ObjectNode request;
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY);
      Instant now = Instant.now();
      Map<String, String> headers = PastedRequest.noHeaders();
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
      request =
          Json.object()
              .put("receivedAt", now.toString())
              .put("method", exchange.getRequestMethod())
              .put("path", exchange.getRequestURI().toString());
      int answer = status;
      if (verifier.isPresent()) {
        List<Finding> findings = verifier.get().check(headers, body, now);
        request.setAll(VerifyCommand.json(findings));
        answer = VerifyCommand.isGood(findings) ? status : UNAUTHORIZED;
      }
      request.put("answered", answer);
      headers.forEach(request.putObject("headers")::put);
      request.put("body", new String(body, StandardCharsets.UTF_8));
      if (!keep(request)) {
        answer = UNWRITTEN;
        request.put("answered", answer);
      }
      exchange.sendResponseHeaders(answer, -1);
    }
    print(request);
  }

  /** Whether the request is in the file. */
  private synchronized boolean keep(ObjectNode request) {
    try {
      recorded.write(request + "\n");
      recorded.flush();
      return true;
    } catch (IOException e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("cannot write to %s: %s".formatted(record, e.getMessage()));
      err.flush();
      return false;
    }
  }

  private synchronized void print(ObjectNode request) {
    printed++;
    if (count == null || printed <= count) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(json ? request.toString() : words(request));
      out.flush();
    }
    if (count != null && printed == count) {
      stop.now();
    }
  }

  private static String words(JsonNode request) {
    String line = System.lineSeparator();
    String verified =
        request.has("schemes") ? VerifyCommand.words(request) : "not verified: no --secret";
    return "%s  %s %s  %s  answered %s"
            .formatted(
                request.path("receivedAt").asText(),
                Text.plain(request.path("method").asText()),
                Text.plain(request.path("path").asText()),
                Text.of(request.path("headers").path("webhook-id")),
                request.path("answered").asText())
        + line
        + Text.indented(verified)
        + line
        + Text.indented(Text.body(request.path("body").asText()))
        + line;
  }
}
