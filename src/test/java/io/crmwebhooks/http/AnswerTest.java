package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.crmwebhooks.TestAuthority;
import io.crmwebhooks.TestProxy;
import io.crmwebhooks.http.RawReceiver.Behaviour;
import io.crmwebhooks.http.RawReceiver.Talk;
import io.crmwebhooks.pipeline.TestWebhook;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every answer counts as what it is, and for the request that it answers: raw bytes of receivers,
 * in plain text and over TLS, and what becomes of the connections that they come on.
 */
class AnswerTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String EMPTY = "Content-Length: 0\r\n\r\n";
  private static final String CUT =
      "the receiver closed the connection without a complete response";
  private static final String NO_HTTP = "the response is not valid HTTP: ";
  private static final String TOO_LARGE =
      "the response is too large: its head is longer than 32 KiB";
  private static final int MEGABYTE = 1 << 20;

  @TempDir private static Path folder;
  private static SSLContext tls;
  private static TestSender sender;

  @BeforeAll
  static void open() {
    TestAuthority authority = new TestAuthority("ours");
    tls = authority.context(authority.issue("127.0.0.1"));
    sender =
        new TestSender(
            "webhooks.egress.allow",
            "127.0.0.1",
            "webhooks.egress.tls.ca",
            authority.self().writeCertificate(folder.resolve("ca.pem")).toString());
  }

  @AfterAll
  static void close() {
    sender.close();
  }

  /** None, and that of the test. */
  static Stream<SSLContext> layers() {
    return Stream.of(null, tls);
  }

  /** Raw answers after which the connection ends, and what each counts as. */
  private static Map<String, String> answers() {
    Map<String, String> answers = new LinkedHashMap<>();
    for (String complete :
        new String[] {
          OK + EMPTY,
          OK + "\r\n",
          OK + "\r\nbody until the end",
          OK + "Connection: close, \"\r\n\r\n",
          OK + "Content-Length: 10\r\n\r\nhello",
          OK + "Content-Length: 2\r\n\r\nhello",
          OK + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
          OK + "Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
          OK + "Content-Length: 5, 5\r\n\r\nhello",
          OK + "Content-Length: -1\r\n\r\nhello",
          OK + "Content-Length: 99999999999999999999\r\n\r\nhello",
          OK + "Content-Length: many\r\n\r\nhello",
          OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          OK + "Transfer-Encoding: gzip\r\n\r\nhello",
          OK + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nab\r\n",
          OK + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nab\r\n",
          OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
          OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "T: y\r\n".repeat(50_000),
          OK + "Transfer-Encoding: chunked\r\n\r\n0;" + "x".repeat(100_000),
          OK + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
          OK + "Content-Type: \u0000;;=\r\nContent-Length: 5\r\n\r\nhello",
          OK + "X: " + "x".repeat(20_000) + "\r\n\r\n",
          OK + "X: y\r\n".repeat(150) + EMPTY,
          OK + "Connection: x\r\n".repeat(1500) + EMPTY,
          OK + "X: y\r\n folded\r\n\tagain\r\n" + EMPTY,
          OK + " folded\r\n" + EMPTY,
          OK + "no colon\r\n: no name\r\nX : blank\r\nX: \u0000\u001b\rz\r\n" + EMPTY,
          "HTTP/1.1 200\r\n" + EMPTY,
          "HTTP/1.1 200 \r\n" + EMPTY,
          "HTTP/1.1  200\tOK\r\n" + EMPTY,
          "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
          "\r\n\r\n" + OK + EMPTY,
          "HTTP/1.0 200 OK\r\n\r\nhello",
          "http/1.1 200 ok\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\n" + OK + EMPTY,
          "HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n".repeat(100) + OK + EMPTY,
        }) {
      answers.put(complete, "HTTP 200");
    }
    answers.put("HTTP/1.1 204 -\r\n\r\nbody", "HTTP 204");
    answers.put("HTTP/1.1 304 -\r\nContent-Length: 9\r\n\r\n", "HTTP 304");
    answers.put("HTTP/1.1 410 Gone\r\nContent-Length: 9\r\nContent-Length: 9\r\n\r\n", "HTTP 410");
    answers.put("HTTP/1.1 410 Gone\r\nTransfer-Encoding: chunked\r\n\r\nbad", "HTTP 410");
    answers.put("HTTP/1.1 503 -\r\nContent-Length: 10\r\n\r\nabc", "HTTP 503");
    answers.put("HTTP/1.1 600 -\r\n\r\n", "HTTP 600");
    answers.put("HTTP/1.1 999 -\r\n\r\n", "HTTP 999");

    answers.put("", CUT);
    answers.put("HTTP/1.1 200", CUT);
    answers.put("HTTP/1.1 200 OK", CUT);
    answers.put(OK, CUT);
    answers.put(OK + "Content-Length: 0\r\n", CUT);
    answers.put(OK + "Content-Len", CUT);
    answers.put("HTTP/1.1 100 Continue\r\n\r\n", CUT);
    answers.put("\r\n", CUT);
    answers.put(OK + "X: " + "x".repeat(40_000), TOO_LARGE);
    answers.put(OK + "X: y\r\n".repeat(10_000), TOO_LARGE);
    answers.put("HTTP/1.1 100 Continue\r\n\r\n".repeat(2_000) + OK + EMPTY, TOO_LARGE);
    answers.put("\r\n".repeat(20_000), TOO_LARGE);
    answers.put("HTTP/1.1 101 Switching\r\nUpgrade: TLS/1.2\r\n\r\n", NO_HTTP + "HTTP 101");
    answers.put("HTTP/1.1 099 -\r\n\r\n", NO_HTTP + "it begins with \"HTTP/1.1 099 -\"");
    answers.put("HTTP/1.1 20 -\r\n\r\n", NO_HTTP);
    answers.put("HTTP/1.1 2000 -\r\n\r\n", NO_HTTP);
    answers.put("HTTP/1.1 200OK\r\n\r\n", NO_HTTP);
    answers.put("HTTP/1.1 OK\r\n\r\n", NO_HTTP);
    answers.put("HTTP/2 200 OK\r\n\r\n", NO_HTTP);
    answers.put("HTT\nP/1.1 200 OK\r\n\r\n", NO_HTTP);
    answers.put("200 OK\r\n\r\n", NO_HTTP);
    answers.put("<html>200 OK</html>", NO_HTTP + "it begins with \"<html>200 OK</html>\"");
    answers.put("SSH-2.0-OpenSSH_9.6\r\n", NO_HTTP + "it begins with \"SSH-2.0-OpenSSH_9.6\"");
    answers.put("220 mail ESMTP\r\n".repeat(20), NO_HTTP + "it begins with \"220 mail ESMTP\"");
    answers.put("\u0000\u0001", NO_HTTP + "it begins with \"..\"");
    answers.put(
        "\u0015\u0003\u0003\u0000\u0002\u0002\u0046",
        NO_HTTP + "it is TLS, so the URL must begin with https://");
    return answers;
  }

  @ParameterizedTest
  @MethodSource("layers")
  void a_complete_head_is_the_answer_and_nothing_else_is_one(SSLContext layer) throws IOException {
    SoftAssertions all = new SoftAssertions();
    for (Map.Entry<String, String> answer : answers().entrySet()) {
      try (RawReceiver receiver =
          new RawReceiver(
              layer,
              talk -> {
                talk.read();
                talk.say(answer.getKey());
                talk.plain.shutdownOutput();
                talk.hold();
              })) {
        String shown =
            answer.getKey().length() < 100 ? answer.getKey() : answer.getKey().substring(0, 100);
        all.assertThat(sender.send(receiver.url())).as(shown).startsWith(answer.getValue());
        all.assertThat(receiver.requests()).as(shown).hasSize(1);
      }
    }
    all.assertAll();
  }

  /**
   * The ways in which a receiver spoils a connection after its first answer, each with that answer.
   */
  static Stream<Arguments> leftovers() {
    String forged = "HTTP/1.1 410 Gone\r\n" + EMPTY;
    return layers()
        .flatMap(
            layer ->
                Stream.of(
                    arguments(layer, "a second response at once", OK + EMPTY + forged, nothing()),
                    arguments(layer, "an empty line", OK + EMPTY + "\r\n", nothing()),
                    arguments(
                        layer, "a body of none", "HTTP/1.1 204 -\r\n\r\n" + forged, nothing()),
                    arguments(
                        layer, "a longer body", OK + "Content-Length: 1\r\n\r\nab", nothing()),
                    arguments(layer, "a second one later", OK + EMPTY, says(forged)),
                    arguments(
                        layer, "a 408 while idle", OK + EMPTY, says("HTTP/1.1 408 -\r\n" + EMPTY)),
                    arguments(layer, "half an end", OK + EMPTY, halfCloses()),
                    arguments(layer, "an end", OK + EMPTY, closes())));
  }

  private static Behaviour nothing() {
    return talk -> {};
  }

  private static Behaviour says(String more) {
    return talk -> talk.say(more);
  }

  private static Behaviour halfCloses() {
    return talk -> talk.plain.shutdownOutput();
  }

  private static Behaviour closes() {
    return talk -> talk.plain.close();
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("leftovers")
  void a_connection_on_which_anything_is_left_is_not_used_again(
      SSLContext layer, String name, String first, Behaviour then) throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (RawReceiver receiver =
        new RawReceiver(
            layer,
            talk -> {
              talk.read();
              boolean isFirst = left.getCount() > 0;
              talk.say(isFirst ? first : "HTTP/1.1 201 -\r\n" + EMPTY);
              if (isFirst) {
                then.with(talk);
                left.countDown();
              }
              talk.read();
            })) {
      assertThat(sender.send(receiver.url())).startsWith("HTTP 20");
      assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
      Thread.sleep(100); // until what the receiver has said has come
      assertThat(sender.send(receiver.url())).isEqualTo("HTTP 201");
      assertThat(receiver.connections()).isEqualTo(2);
      assertThat(receiver.requests()).as("nothing was sent on the first one again").hasSize(2);
    }
  }

  @ParameterizedTest
  @MethodSource("layers")
  void a_clean_connection_is_used_again_within_its_workspace(SSLContext layer) throws IOException {
    try (RawReceiver receiver =
        new RawReceiver(
            layer,
            talk -> {
              while (true) {
                talk.read();
                talk.say(OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
              }
            })) {
      for (int i = 0; i < 5; i++) {
        assertThat(sender.send(receiver.url())).isEqualTo("HTTP 200");
      }
      assertThat(receiver.connections()).isEqualTo(1);
      sender.send(TestWebhook.to(receiver.url()).in("other").build(), "{}".getBytes());
      assertThat(receiver.connections()).isEqualTo(2);
    }
  }

  /** Ways in which a kept-alive connection ends with the second request, before its answer. */
  static Stream<Arguments> ends() {
    return inLayers(closes(), resets(), says("HTTP/1.1 408 -\r\nConnection: close\r\n" + EMPTY));
  }

  private static Stream<Arguments> inLayers(Behaviour... behaviours) {
    return layers().flatMap(layer -> Stream.of(behaviours).map(one -> arguments(layer, one)));
  }

  private static Behaviour resets() {
    return talk -> talk.plain.setSoLinger(true, 0);
  }

  @ParameterizedTest
  @MethodSource("ends")
  void a_request_that_meets_the_end_of_a_used_connection_is_sent_once_more_on_a_new_one(
      SSLContext layer, Behaviour end) throws IOException {
    try (RawReceiver receiver =
            new RawReceiver(
                layer,
                talk -> {
                  talk.read();
                  talk.say(OK + EMPTY);
                  talk.read();
                  end.with(talk);
                });
        TestProxy proxy = TestProxy.start();
        TestSender proxied =
            new TestSender(
                "webhooks.egress.proxy.url",
                "http://127.0.0.1:" + proxy.port(),
                "webhooks.egress.allow",
                "127.0.0.1",
                "webhooks.egress.tls.ca",
                folder.resolve("ca.pem").toString())) {
      for (TestSender one : layer == null ? List.of(sender) : List.of(sender, proxied)) {
        int before = receiver.requests().size();
        assertThat(one.send(receiver.url())).isEqualTo("HTTP 200");
        assertThat(one.send(receiver.url())).isEqualTo("HTTP 200");
        assertThat(receiver.requests()).hasSize(before + 3);
      }
    }
  }

  @Test
  void the_new_connection_is_kept_for_its_owner() throws IOException {
    AtomicInteger connections = new AtomicInteger();
    try (RawReceiver receiver =
        new RawReceiver(
            talk -> {
              int answers = connections.incrementAndGet() == 1 ? 1 : 3;
              for (int i = 0; i < answers; i++) {
                talk.read();
                talk.say(OK + EMPTY);
              }
              talk.read();
            })) {
      for (int i = 0; i < 4; i++) {
        assertThat(sender.send(receiver.url())).isEqualTo("HTTP 200");
      }
      assertThat(receiver.connections()).isEqualTo(2);
    }
  }

  @Test
  void a_receiver_that_hangs_up_on_new_connections_gets_a_request_once() throws IOException {
    try (RawReceiver receiver = new RawReceiver(Talk::read)) {
      assertThat(sender.send(receiver.url())).isEqualTo(CUT);
      assertThat(receiver.requests()).hasSize(1);
    }
  }

  /** Receivers that answer a large request before they have read it. */
  static Stream<Arguments> impatience() {
    return inLayers(closes(), resets(), AnswerTest::waits);
  }

  /** Reads nothing more, and does not hang up. */
  private static void waits(Talk talk) {
    try {
      Thread.currentThread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @MethodSource("impatience")
  void an_answer_to_a_request_that_is_not_read_counts(SSLContext layer, Behaviour then)
      throws IOException {
    for (int size : new int[] {200_000, 20 * MEGABYTE}) {
      try (RawReceiver receiver =
          new RawReceiver(
              layer,
              talk -> {
                talk.read(new byte[1000]);
                talk.say("HTTP/1.1 413 -\r\nContent-Length: 3\r\n\r\nbig");
                then.with(talk);
              })) {
        assertThat(sender.send(TestWebhook.to(receiver.url()).build(), new byte[size]))
            .isEqualTo("HTTP 413");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("layers")
  void a_receiver_that_accepts_early_gets_all_of_the_request(SSLContext layer) throws Exception {
    byte[] got = new byte[10 * MEGABYTE];
    CountDownLatch read = new CountDownLatch(1);
    try (RawReceiver receiver =
        new RawReceiver(
            layer,
            talk -> {
              talk.read(new byte[1000]);
              talk.say("HTTP/1.1 100 -\r\n\r\n" + OK + EMPTY);
              talk.read(got);
              read.countDown();
              talk.hold();
            })) {
      byte[] body = new byte[11 * MEGABYTE];
      Arrays.fill(body, (byte) 'x');
      assertThat(sender.send(TestWebhook.to(receiver.url()).build(), body)).isEqualTo("HTTP 200");
      assertThat(read.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(got[got.length - 1]).isEqualTo((byte) 'x');
    }
  }

  @Test
  void a_body_that_does_not_end_makes_no_difference() throws IOException {
    try (RawReceiver receiver =
            new RawReceiver(
                talk -> {
                  talk.read();
                  talk.say(OK + "Content-Length: 10\r\n\r\nabc");
                  talk.hold();
                });
        TestSender hasty =
            new TestSender(
                "webhooks.egress.allow", "127.0.0.1", "webhooks.delivery.timeout", "500ms")) {
      assertThat(hasty.send(receiver.url())).isEqualTo("HTTP 200");
    }
  }

  @Test
  void the_head_begins_with_the_host_and_names_no_default_port() throws IOException {
    try (RawReceiver receiver =
            new RawReceiver(
                talk -> {
                  talk.read();
                  talk.say(OK + EMPTY);
                });
        TestProxy proxy = TestProxy.start(ServerSocketFactory.getDefault(), head -> OK + EMPTY);
        TestSender proxied =
            new TestSender("webhooks.egress.proxy.url", "http://127.0.0.1:" + proxy.port())) {
      sender.send(receiver.url());
      assertThat(receiver.requests())
          .singleElement()
          .asString()
          .startsWith("POST / HTTP/1.1\r\nHost: 127.0.0.1:" + receiver.port() + "\r\n")
          .contains("\r\nAccept: */*\r\n")
          .containsOnlyOnce("Host: ");
      for (String host : List.of("receiver.example", "receiver.example:80", "[2001:4860::1]:80")) {
        proxied.send("http://" + host + "/a?b");
        assertThat(proxy.heads().get(proxy.heads().size() - 1))
            .contains("/a?b HTTP/1.1\r\nHost: " + host.replace(":80", "") + "\r\n");
      }
    }
  }

  @Test
  void an_address_that_does_not_answer_leaves_time_for_the_next_one() throws Exception {
    List<Socket> before = new ArrayList<>();
    try (RawReceiver receiver =
            new RawReceiver(
                talk -> {
                  talk.read();
                  talk.say(OK + EMPTY);
                });
        ServerSocket full =
            new ServerSocket(receiver.port(), 1, InetAddress.getByName("127.0.0.2"));
        TestSender named =
            new TestSender(
                new SystemDefaultDnsResolver() {
                  @Override
                  public InetAddress[] resolve(String host) throws UnknownHostException {
                    return new InetAddress[] {
                      InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1")
                    };
                  }
                },
                "webhooks.delivery.timeout",
                "4s")) {
      fill(full, before);
      assertThat(named.send("http://receiver.example:" + receiver.port() + "/"))
          .isEqualTo("HTTP 200");
    } finally {
      for (Socket socket : before) {
        socket.close();
      }
    }
  }

  /** Until it takes no more connections, nor refuses them. */
  static void fill(ServerSocket full, List<Socket> before) {
    for (int i = 0; i < 4; i++) { // more than the queue of those that nobody accepts
      Socket socket = new Socket();
      before.add(socket);
      try {
        socket.connect(full.getLocalSocketAddress(), 100);
      } catch (IOException e) {
        break; // full
      }
    }
  }

  @Test
  void addresses_of_both_families_take_turns() throws Exception {
    InetAddress[] addresses = new InetAddress[30];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = InetAddress.getByName((i < 20 ? "2001:db8::" : "192.0.2.") + i);
    }
    assertThat(DeliveryConnector.inTurns(addresses))
        .extracting(address -> address instanceof Inet6Address)
        .containsExactly(true, false, true, false, true, false, true, false);
    assertThat(DeliveryConnector.inTurns(addresses[20], addresses[21], addresses[0]))
        .containsExactly(addresses[20], addresses[0], addresses[21]);
  }
}
