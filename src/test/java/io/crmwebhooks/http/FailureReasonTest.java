package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.crmwebhooks.domain.Limits;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.RawReceiver.Behaviour;
import io.crmwebhooks.http.RawReceiver.Talk;
import io.crmwebhooks.pipeline.TestWebhook;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The name of each failure of the network, from real sockets. TLS has a test of its own. */
class FailureReasonTest {
  private static final Duration TIMEOUT = Duration.ofMillis(800);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String LATE = "timeout after 800 ms while ";

  static Stream<Arguments> behaviours() {
    return Stream.of(
        behaviour("closes", Talk::read, "the receiver closed the connection without a complete"),
        behaviour(
            "resets",
            talk -> {
              talk.read();
              talk.plain.setSoLinger(true, 0);
            },
            "the receiver reset the connection: "),
        behaviour("is silent", Talk::hold, LATE + "waiting for the response"),
        behaviour(
            "stops within the head",
            talk -> {
              talk.read();
              talk.say("HTTP/1.1 200 OK\r\n");
              talk.hold();
            },
            LATE + "reading the response"));
  }

  @ParameterizedTest(name = "a receiver that {0}: {2}")
  @MethodSource("behaviours")
  void each_failure_is_named(String name, Behaviour behaviour, String expected) throws IOException {
    Duration timeout = expected.startsWith(LATE) ? TIMEOUT : PATIENCE;
    try (RawReceiver receiver = new RawReceiver(behaviour);
        TestSender sender = sender(timeout)) {
      assertThat(sender.send(receiver.url())).startsWith(expected);
    }
  }

  @Test
  void a_host_that_does_not_exist_is_named() {
    DnsResolver unknowing =
        new SystemDefaultDnsResolver() {
          @Override
          public InetAddress[] resolve(String host) throws UnknownHostException {
            throw new UnknownHostException(host);
          }
        };
    try (TestSender sender = new TestSender(unknowing)) {
      assertThat(sender.send("http://no-such-host.example/"))
          .startsWith("the host name cannot be resolved: ");
    }
  }

  @Test
  void a_deadline_that_passes_while_no_name_server_answers_is_kept_and_named() {
    DnsResolver silent =
        new SystemDefaultDnsResolver() {
          @Override
          public InetAddress[] resolve(String host) {
            hold();
            return null;
          }
        };
    try (TestSender sender =
        new TestSender(silent, "webhooks.delivery.timeout", TIMEOUT.toMillis() + "ms")) {
      assertThat(sender.send("http://receiver.example/"))
          .isEqualTo(LATE + "resolving the host name");
    }
  }

  @Test
  void a_blocked_address_is_named() {
    try (TestSender sender = sender()) {
      assertThat(sender.send("http://127.0.0.2:8080/")).startsWith("blocked: ");
    }
  }

  @Test
  void a_port_where_nobody_listens_is_named() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    try (TestSender sender = sender()) {
      assertThat(sender.send("http://127.0.0.1:" + port + "/"))
          .startsWith("the connection was refused: ");
    }
  }

  @Test
  void a_deadline_that_passes_while_connecting_is_named() throws IOException {
    List<Socket> before = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TestSender sender = sender()) {
      AnswerTest.fill(full, before);
      assertThat(sender.send("http://127.0.0.1:" + full.getLocalPort() + "/"))
          .isEqualTo(LATE + "connecting");
    } finally {
      for (Socket socket : before) {
        socket.close();
      }
    }
  }

  @Test
  void a_deadline_that_passes_in_the_handshake_is_named() throws IOException {
    try (RawReceiver receiver = new RawReceiver(Talk::hold);
        TestSender sender = sender()) {
      assertThat(sender.send(receiver.url().replace("http", "https")))
          .isEqualTo(LATE + "making the TLS handshake");
    }
  }

  @Test
  void a_deadline_that_passes_while_sending_is_named() throws IOException {
    try (RawReceiver receiver = new RawReceiver(talk -> hold());
        TestSender sender = sender()) {
      assertThat(sender.send(webhook(receiver.url(), null), new byte[50_000_000]))
          .isEqualTo(LATE + "sending the request");
    }
  }

  @Test
  void a_webhook_may_have_a_deadline_of_its_own_but_none_past_the_lease() throws IOException {
    try (RawReceiver receiver = new RawReceiver(Talk::hold);
        TestSender sender =
            new TestSender(
                "webhooks.egress.allow",
                "127.0.0.1",
                "webhooks.delivery.timeout",
                "50ms",
                "webhooks.delivery.lease",
                "600ms")) {
      String url = receiver.url();
      assertThat(sender.send(webhook(url, Duration.ofMillis(300)), new byte[2]))
          .isEqualTo("timeout after 300 ms while waiting for the response");
      assertThat(sender.send(webhook(url, Duration.ofHours(1)), new byte[2]))
          .isEqualTo("timeout after 600 ms while waiting for the response");
    }
  }

  private static TestSender sender() {
    return sender(TIMEOUT);
  }

  private static TestSender sender(Duration timeout) {
    return new TestSender(
        "webhooks.egress.allow",
        "127.0.0.1",
        "webhooks.delivery.timeout",
        timeout.toMillis() + "ms");
  }

  private static Webhook webhook(String url, Duration timeout) {
    return TestWebhook.to(url)
        .with(new Limits(1, null, timeout, null, Limits.Batching.NONE))
        .build();
  }

  private static Arguments behaviour(String name, Behaviour behaviour, String expected) {
    return arguments(name, behaviour, expected);
  }

  /** Until the thread is interrupted. */
  private static void hold() {
    try {
      Thread.currentThread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
