package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.cli.Commands;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code listen} as the receiver of the real pipeline. */
class ListenTest {
  private static PipelineFixture pipeline;
  private static Cli cli;

  @BeforeAll
  static void start() {
    pipeline = new PipelineFixture("webhooks.delivery.retry-schedule", "100ms,100ms").start();
    cli = Cli.asking(pipeline.url(), PipelineFixture.TOKEN);
  }

  @AfterAll
  static void stop() {
    pipeline.close();
  }

  /** A running {@code listen}, on a port of its own. */
  private static final class Listening {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CompletableFuture<Integer> code;

    Listening(String... options) {
      List<String> arguments = new ArrayList<>(List.of("listen", "--port", "0"));
      arguments.addAll(List.of(options));
      code =
          CompletableFuture.supplyAsync(
              () ->
                  Commands.commandLine(Map.of())
                      .setOut(new PrintWriter(out, true))
                      .setErr(new PrintWriter(err, true))
                      .execute(arguments.toArray(String[]::new)));
    }

    String url() {
      Pattern said = Pattern.compile("listening on (\\S+) until");
      soon().until(() -> said.matcher(err.toString()).find());
      Matcher found = said.matcher(err.toString());
      found.find();
      return found.group(1);
    }

    String output() throws Exception {
      assertThat(code.get(20, TimeUnit.SECONDS)).isZero();
      return out.toString();
    }
  }

  private static String webhook(String url, String secret, String operations) {
    return cli.run("webhook", "add", url, "-o", operations, "--secret", secret, "--json")
        .json()
        .path("id")
        .asText();
  }

  @Test
  void a_test_that_arrives_is_verified_and_printed() throws Exception {
    Listening listening = new Listening("--count", "1", "--secret", PipelineFixture.SECRET);
    String webhook = webhook(listening.url() + "hook", PipelineFixture.SECRET, "test.*");
    Cli.Ran test = cli.run("send-test", webhook);
    assertThat(test.code()).as(test.toString()).isZero();
    assertThat(listening.output())
        .contains("POST /hook  msg_test_", "answered 204", "The request is genuine.")
        .contains("\"event\" : \"test.created\"");
  }

  @Test
  void what_arrives_is_written_down_for_a_comparison(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("received.jsonl");
    Listening listening = new Listening("--count", "1", "--record", file.toString());
    String webhook = webhook(listening.url(), PipelineFixture.SECRET, "test.*");
    assertThat(cli.run("send-test", webhook).code()).isZero();
    listening.output();

    JsonNode request = new ObjectMapper().readTree(Files.readString(file));
    assertThat(request.at("/headers/webhook-id").asText()).startsWith("msg_test_");
    assertThat(new ObjectMapper().readTree(request.path("body").asText()).has("event")).isTrue();
    assertThat(cli.run("listen", "--record", folder.toString()).code()).isEqualTo(2);
  }

  @Test
  void a_request_that_never_ends_holds_up_no_other() throws Exception {
    Listening listening = new Listening("--count", "1", "--json");
    URI url = URI.create(listening.url());
    try (Socket head = new Socket(url.getHost(), url.getPort());
        Socket body = new Socket(url.getHost(), url.getPort())) {
      head.getOutputStream().write("POST / HT".getBytes(US_ASCII));
      body.getOutputStream()
          .write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{".getBytes(US_ASCII));
      String webhook = webhook(listening.url(), "", "test.*");
      assertThat(cli.run("send-test", webhook).code()).isZero();
      assertThat(listening.output()).contains("test.created");
    }
  }

  @Test
  void another_secret_is_answered_401_and_found_to_be_the_secret() throws Exception {
    Listening listening = new Listening("--count", "1", "--secret", "not this one", "--json");
    String webhook = webhook(listening.url(), PipelineFixture.SECRET, "test.*");
    Cli.Ran test = cli.run("send-test", webhook, "--json");
    assertThat(test.code()).isEqualTo(1);
    assertThat(test.json().at("/response/status").asInt()).isEqualTo(401);
    JsonNode request = new ObjectMapper().readTree(listening.output());
    assertThat(request.path("valid").asBoolean()).isFalse();
    assertThat(request.at("/schemes/0/fault").asText()).isEqualTo("secret-or-body");
    assertThat(request.path("body").asText()).startsWith("{\"event\":\"test.created\"");
  }

  @Test
  void an_endpoint_that_fails_sees_the_attempts_of_one_delivery() throws Exception {
    Listening listening = new Listening("--count", "3", "--answer", "503", "--json");
    String webhook = webhook(listening.url(), PipelineFixture.SECRET, "failing.*");
    pipeline.change("failing.created", "{}");
    List<String> lines = listening.output().lines().toList();
    assertThat(lines).hasSize(3);
    ObjectMapper json = new ObjectMapper();
    List<String> ids = new ArrayList<>();
    for (String line : lines) {
      ids.add(json.readTree(line).at("/headers/webhook-id").asText());
    }
    assertThat(ids).containsOnly(ids.get(0)).doesNotContain("");
    soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 1);
    assertThat(cli.run("delivery", "list", "--webhook", webhook).out()).contains("dead", "503");
  }

  @Test
  void a_taken_port_and_a_status_that_is_none_are_said() {
    Listening listening = new Listening("--count", "1");
    String port = listening.url().replaceAll(".*:(\\d+)/", "$1");
    Cli.Ran taken = new Cli(Map.of()).run("listen", "--port", port);
    assertThat(taken.code()).isEqualTo(1);
    assertThat(taken.err()).contains("cannot listen on 127.0.0.1, port " + port);
    assertThat(new Cli(Map.of()).run("listen", "--answer", "99").code()).isEqualTo(2);
    String webhook = webhook(listening.url(), "", "test.*");
    assertThat(cli.run("send-test", webhook).code()).isZero(); // ends the first one
  }
}
