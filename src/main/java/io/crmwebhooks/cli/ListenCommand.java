package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code crm-webhooks listen}. */
@Command(
    name = "listen",
    description = {
      "Receives webhooks on this machine, verifies and prints them, until Ctrl-C. Wrong signatures are answered with"
          + " 401. Where it is to be called, WEBHOOKS_EGRESS_ALLOW must have its address."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  crm-webhooks listen --secret whsec_…",
      "  crm-webhooks listen --answer 503             # an endpoint that fails",
      "  crm-webhooks listen --json | jq .body"
    })
public final class ListenCommand implements Callable<Integer> {
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

  @Mixin private VerifyOptions options;

  @Option(
      names = {"-a", "--answer"},
      paramLabel = "STATUS",
      defaultValue = "204",
      description = "What to answer, 200 to 599. Default: ${DEFAULT-VALUE}.")
  private int status;

  @Option(
      names = {"-n", "--count"},
      description = "End after so many requests.")
  private Integer count;

  @Option(names = "--json", description = "Print JSON, an object a line, for scripts.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    Console console = new Console(spec, json);
    if (status < 200 || status > 599) {
      throw console.wrongUsage("--answer must be from 200 to 599, but is " + status);
    }
    StopSignal stop = StopSignal.install();
    AtomicInteger left = new AtomicInteger(count == null ? Integer.MAX_VALUE : count);
    try (Listener listener =
        Listener.start(
            host,
            port,
            options.verifier(),
            status,
            Clock.systemUTC(),
            request -> {
              int more = left.decrementAndGet();
              if (more >= 0) {
                print(request);
              }
              if (more == 0) {
                stop.now();
              }
            })) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("listening on " + listener.url() + " until Ctrl-C");
      err.flush();
      stop.await();
    }
    return ExitCode.OK;
  }

  private void print(ObjectNode request) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? request.toString() : words(request));
    out.flush();
  }

  private static String words(JsonNode request) {
    String line = System.lineSeparator();
    JsonNode headers = request.path("headers");
    String verified = request.has("schemes") ? Verdict.words(request) : "not verified: no --secret";
    return "%s  %s %s  %s  answered %s"
            .formatted(
                request.path("receivedAt").asText(),
                Text.plain(request.path("method").asText()),
                Text.plain(request.path("path").asText()),
                Text.of(headers.path("webhook-id")),
                request.path("answered").asText())
        + line
        + Text.indented(verified)
        + line
        + Text.indented(Text.body(request.path("body").asText()))
        + line;
  }
}
