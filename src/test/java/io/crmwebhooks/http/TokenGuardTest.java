package io.crmwebhooks.http;

import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.crmwebhooks.TestReceiver;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.domain.Limits;
import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.RawReceiver.Talk;
import io.crmwebhooks.pipeline.TestWebhook;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Access tokens from real token servers on loopback, good and hostile ones. */
class TokenGuardTest {
  private static final String SECRET = "hush hush";
  private static final String OK = "HTTP/1.1 200 OK\r\n";

  private static TestSender sender;

  private final AtomicInteger made = new AtomicInteger();
  private final WireHeaders watch = new WireHeaders();
  private final TestReceiver tokens =
      TestReceiver.answering(
          (request, exchange) ->
              respond(
                  exchange,
                  200,
                  "{\"access_token\":\"token-%d\",\"token_type\":\"bearer\",\"expires_in\":3600}"
                      .formatted(made.incrementAndGet())));

  @BeforeAll
  static void open() {
    sender = new TestSender("webhooks.egress.allow", "127.0.0.1");
  }

  @AfterAll
  static void closeSender() {
    sender.close();
  }

  @AfterEach
  void close() {
    tokens.close();
  }

  private static Webhook granted(String url, String tokenUrl) {
    return granted(url, tokenUrl, null);
  }

  private static Webhook granted(String url, String tokenUrl, Duration timeout) {
    return TestWebhook.to(url)
        .with(new Limits(8, null, timeout, null, Limits.Batching.NONE))
        .with(
            new ClientCredentials(
                Target.parse(tokenUrl), "me", SECRET, "deals.write", "https://api.example"))
        .build();
  }

  private static List<String> authorisations(TestReceiver receiver) {
    return receiver.received().stream().map(r -> r.headers().get("authorization")).toList();
  }

  @Test
  void a_token_is_fetched_once_and_sent_with_each_request() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      Webhook webhook = granted(receiver.url("/"), tokens.url("/oauth2/token?tenant=1"));
      assertThat(sender.send(webhook, (Request) null, watch)).isEqualTo("HTTP 200");
      assertThat(sender.send(webhook, (Request) null, watch)).isEqualTo("HTTP 200");
      assertThat(authorisations(receiver)).containsExactly("Bearer token-1", "Bearer token-1");
    }
    assertThat(tokens.received()).hasSize(1);
    Received asked = tokens.received().get(0);
    assertThat(asked.method()).isEqualTo("POST");
    assertThat(asked.path()).isEqualTo("/oauth2/token?tenant=1");
    assertThat(asked.text())
        .isEqualTo(
            "grant_type=client_credentials&scope=deals.write&audience=https%3A%2F%2Fapi.example");
    assertThat(asked.headers())
        .containsEntry("content-type", "application/x-www-form-urlencoded")
        .containsEntry("accept", "application/json")
        .containsEntry("authorization", "Basic bWU6aHVzaCtodXNo")
        .doesNotContainKey("webhook-id");
    assertThat(watch.tokens()).extracting(WireHeaders.Token::fetched).containsExactly(true, false);
    assertThat(watch.request()).containsEntry("Authorization", RequestHeaders.HIDDEN);
  }

  @Test
  void after_a_401_it_is_fetched_anew_and_the_request_repeated_once() {
    try (TestReceiver once = TestReceiver.answeringInTurn(401, 200);
        TestReceiver always = TestReceiver.answering(401)) {
      Webhook webhook = granted(once.url("/"), tokens.url("/"));
      assertThat(sender.send(webhook, (Request) null, watch)).isEqualTo("HTTP 200");
      assertThat(authorisations(once)).containsExactly("Bearer token-1", "Bearer token-2");
      assertThat(once.received().get(1).body()).isEqualTo(once.received().get(0).body());
      assertThat(watch.tokens()).extracting(WireHeaders.Token::fetched).containsExactly(true, true);
      assertThat(watch.status()).isEqualTo(200);

      assertThat(sender.send(granted(always.url("/"), tokens.url("/")), "{}".getBytes()))
          .isEqualTo("HTTP 401");
      assertThat(authorisations(always)).containsExactly("Bearer token-3", "Bearer token-4");
    }
  }

  @Test
  void attempts_at_once_share_one_fetch() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      Webhook webhook = granted(receiver.url("/"), tokens.url("/"));
      List<Future<String>> sent = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        sent.add(threads.submit(() -> sender.send(webhook, "{}".getBytes())));
      }
      for (Future<String> one : sent) {
        assertThat(one.get()).isEqualTo("HTTP 200");
      }
      assertThat(tokens.received()).hasSize(1);
      assertThat(authorisations(receiver)).containsOnly("Bearer token-1").hasSize(8);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void other_credentials_of_a_webhook_get_another_token_and_other_webhooks_their_own() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      Webhook one = granted(receiver.url("/"), tokens.url("/"));
      Webhook other = granted(receiver.url("/"), tokens.url("/"));
      sender.send(one, "{}".getBytes());
      sender.send(other, "{}".getBytes());
      Webhook changed =
          TestWebhook.to(receiver.url("/"))
              .withId(one.id())
              .with(new ClientCredentials(Target.parse(tokens.url("/")), "me", "new", null, null))
              .build();
      sender.send(changed, "{}".getBytes());
      assertThat(authorisations(receiver))
          .containsExactly("Bearer token-1", "Bearer token-2", "Bearer token-3");
    }
  }

  @Test
  void another_endpoint_and_a_header_of_a_route_get_no_token() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      Webhook webhook = granted("https://elsewhere.example/", tokens.url("/"));
      Request detour = new Request(receiver.url("/"), receiver.url(""), null, Map.of());
      assertThat(sender.send(webhook, detour, watch)).isEqualTo("HTTP 200");
      Webhook own = granted(receiver.url("/"), tokens.url("/"));
      Request header = new Request(null, null, null, Map.of("authorization", "Basic route"));
      assertThat(sender.send(own, header, watch)).isEqualTo("HTTP 200");
      assertThat(authorisations(receiver)).containsExactly(null, "Basic route");
    }
    assertThat(tokens.received()).isEmpty();
    assertThat(watch.tokens()).isEmpty();
  }

  @Test
  void a_token_url_is_held_to_the_rules_of_targets() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      for (String url :
          List.of(
              "http://169.254.169.254/latest/api/token",
              "http://127.0.0.2:" + tokens.port() + "/",
              "http://[::1]:" + tokens.port() + "/")) {
        assertThat(sender.send(granted(receiver.url("/"), url), "{}".getBytes()))
            .startsWith("token server: blocked: ");
      }
      assertThat(receiver.received()).isEmpty();
    }
    assertThat(tokens.received()).isEmpty();
  }

  /** Deeds of a token server, and the words of the attempt about them. */
  static Stream<Arguments> hostile() {
    return Stream.of(
        arguments("HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nhush hush", "HTTP 500"),
        arguments(said(401, "{\"error\":\"invalid_client\"}"), "HTTP 401, invalid_client"),
        arguments(said(400, "{\"error\":\"hush hush\",\"access_token\":\"t\"}"), "HTTP 400"),
        arguments("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", "HTTP 410"),
        arguments(
            "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
            "HTTP 302, a redirect, which is not followed"),
        arguments(said(200, "hush hush"), "its answer is no JSON object, or broke off"),
        arguments(said(200, "[\"hush hush\"]"), "its answer is no JSON object, or broke off"),
        arguments(said(200, ""), "its answer is no JSON object, or broke off"),
        arguments(
            OK + "Content-Length: 100\r\n\r\n{\"access_token\":\"cut",
            "its answer is no JSON object, or broke off"),
        arguments(said(200, "{\"access_token\":null}"), "access_token is missing, or no text"),
        arguments(said(200, "{\"access_token\":\"\"}"), "access_token is missing, or no text"),
        arguments(said(200, "{\"access_token\":[\"a\"]}"), "access_token is missing, or no text"),
        arguments(
            said(200, "{\"access_token\":\"a\\r\\nX-Evil: 1\"}"),
            "access_token is missing, or no text"),
        arguments(said(200, "{\"access_token\":\"a b\"}"), "access_token is missing, or no text"),
        arguments(
            said(200, "{\"access_token\":\"" + "a".repeat(8193) + "\"}"),
            "access_token is missing, or no text"),
        arguments(
            said(200, "{\"access_token\":\"" + "a".repeat(20_000) + "\"}"),
            "its answer is longer than 16384 bytes"),
        arguments(
            said(200, "{\"access_token\":\"a\",\"token_type\":\"mac\"}"),
            "token_type is not Bearer"),
        arguments("hush hush\r\n\r\n", "its answer is not valid HTTP"),
        arguments("", "it closed the connection without a complete response"));
  }

  private static String said(int status, String json) {
    return "HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(status, json.length(), json);
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void a_token_server_that_gives_none_is_named_and_nothing_of_its_answer_repeated(
      String answer, String error) throws IOException {
    try (RawReceiver server =
            new RawReceiver(
                talk -> {
                  talk.readUntil("audience=https%3A%2F%2Fapi.example");
                  talk.say(answer);
                });
        TestReceiver receiver = TestReceiver.answering(200)) {
      Webhook webhook = granted(receiver.url("/"), server.url());
      String failure = sender.send(webhook, (Request) null, watch);
      assertThat(failure).startsWith("token server: " + error).doesNotContain("hush", "Evil");
      assertThat(receiver.received()).isEmpty();
      assertThat(watch.tokens()).singleElement().extracting("error").isEqualTo(failure);
      int asked = server.connections();
      assertThat(sender.send(webhook, "{}".getBytes())).isEqualTo(failure);
      assertThat(server.connections()).as("it is not asked again at once").isEqualTo(asked);
    }
  }

  private interface Endless {
    void say(Talk talk) throws IOException;
  }

  /** Until the sender hangs up. */
  static Stream<Endless> endless() {
    return Stream.of(
        talk -> talk.hold(),
        talk -> {
          talk.say(OK + "Transfer-Encoding: chunked\r\n\r\n");
          while (true) {
            talk.say("1\r\n \r\n");
            pause();
          }
        },
        talk -> {
          talk.say(OK);
          while (true) {
            talk.say("X");
            pause();
          }
        });
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("endless")
  void the_deadline_of_the_attempt_ends_a_fetch(Endless server) throws IOException {
    try (RawReceiver tokenServer =
            new RawReceiver(
                talk -> {
                  talk.readUntil("audience=https%3A%2F%2Fapi.example");
                  server.say(talk);
                });
        TestReceiver receiver = TestReceiver.answering(200)) {
      Webhook webhook = granted(receiver.url("/"), tokenServer.url(), Duration.ofMillis(300));
      long began = System.nanoTime();
      assertThat(sender.send(webhook, "{}".getBytes())).startsWith("token server: timeout after ");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
      assertThat(receiver.received()).isEmpty();
    }
  }

  @Test
  void an_endless_quick_answer_is_read_up_to_its_bound() throws IOException {
    try (RawReceiver tokenServer =
            new RawReceiver(
                talk -> {
                  talk.readUntil("audience=https%3A%2F%2Fapi.example");
                  talk.say(OK + "Transfer-Encoding: chunked\r\n\r\n");
                  while (true) {
                    talk.say("400\r\n" + " ".repeat(1024) + "\r\n");
                  }
                });
        TestReceiver receiver = TestReceiver.answering(200)) {
      assertThat(sender.send(granted(receiver.url("/"), tokenServer.url()), "{}".getBytes()))
          .isEqualTo("token server: its answer is longer than 16384 bytes");
    }
  }

  @Test
  void a_long_token_and_lifes_that_make_no_sense_are_taken() {
    AtomicInteger next = new AtomicInteger();
    List<String> lives =
        List.of("-1", "1e400", "99999999999999999999999", "\"3600\"", "null", "[]");
    String longToken = "a".repeat(8000);
    try (TestReceiver server =
            TestReceiver.answering(
                (request, exchange) ->
                    respond(
                        exchange,
                        200,
                        "{\"access_token\":\"%s\",\"expires_in\":%s}"
                            .formatted(longToken, lives.get(next.getAndIncrement()))));
        TestReceiver receiver = TestReceiver.answering(200)) {
      for (String life : lives) {
        Webhook webhook = granted(receiver.url("/"), server.url("/"));
        assertThat(sender.send(webhook, "{}".getBytes())).as(life).isEqualTo("HTTP 200");
        assertThat(sender.send(webhook, "{}".getBytes())).as(life).isEqualTo("HTTP 200");
      }
      assertThat(next).as("each is kept").hasValue(lives.size());
      assertThat(authorisations(receiver)).containsOnly("Bearer " + longToken);
    }
  }
}
