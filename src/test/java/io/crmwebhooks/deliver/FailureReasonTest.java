package io.crmwebhooks.deliver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.crmwebhooks.dispatch.Limits;
import io.crmwebhooks.dispatch.TestWebhook;
import io.crmwebhooks.dispatch.Webhook;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each failure of the network is called, by real sockets. TLS has a test of its own. */
class FailureReasonTest {
  private static final Duration TIMEOUT = Duration.ofMillis(800);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String LATE = "timeout after 800 ms while ";

  /** What a receiver does with a connection once the request's first bytes are there. */
  interface Behaviour {
    void with(Socket socket) throws IOException;
  }

  static Stream<Arguments> behaviours() {
    return Stream.of(
        behaviour(
            "closes",
            FailureReasonTest::read,
            "the receiver closed the connection without a complete"),
        behaviour(
            "resets",
            socket -> {
              read(socket);
              socket.setSoLinger(true, 0);
            },
            "the receiver reset the connection: "),
        behaviour(
            "ends within the body",
            answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
            "the receiver closed the connection without a complete"),
        behaviour(
            "ends within a chunk",
            answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
            "the receiver closed the connection without a complete"),
        behaviour(
            "sends a broken chunk",
            answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nab\r\n"),
            "the response is not valid HTTP: "),
        behaviour(
            "fails and ends within the body",
            answer("HTTP/1.1 503 -\r\nContent-Length: 10\r\n\r\nabc"),
            "HTTP 503"),
        behaviour(
            "fails and stops within the body",
            socket -> {
              say("HTTP/1.1 503 -\r\nContent-Length: 10\r\n\r\nabc", socket);
              hold(socket);
            },
            "HTTP 503"),
        behaviour(
            "is no HTTP server",
            answer("220 mail ESMTP\r\n".repeat(20)),
            "the response is not valid"),
        behaviour(
            "sends an endless header",
            answer("HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000)),
            "the response is too large: "),
        behaviour(
            "sends endless headers",
            answer("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(200)),
            "the response is too large: "),
        behaviour("is silent", FailureReasonTest::hold, LATE + "waiting for the response"),
        behaviour(
            "stops within the response",
            socket -> {
              say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", socket);
              hold(socket);
            },
            LATE + "reading the response"));
  }

  @ParameterizedTest(name = "a receiver that {0}: {2}")
  @MethodSource("behaviours")
  void each_failure_is_named(String name, Behaviour behaviour, String expected) throws IOException {
    Duration timeout = expected.startsWith(LATE) ? TIMEOUT : PATIENCE;
    try (Receiver receiver = new Receiver(behaviour);
        TestSender sender = sender(timeout)) {
      assertThat(sender.send(receiver.url("http"))).startsWith(expected);
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
            hold(null);
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
      for (int i = 0; i < 4; i++) { // more than the queue of those that nobody accepts
        Socket socket = new Socket();
        before.add(socket);
        try {
          socket.connect(full.getLocalSocketAddress(), 100);
        } catch (IOException e) {
          break; // full
        }
      }
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
    try (Receiver receiver = new Receiver(FailureReasonTest::hold);
        TestSender sender = sender()) {
      assertThat(sender.send(receiver.url("https"))).isEqualTo(LATE + "making the TLS handshake");
    }
  }

  @Test
  void a_deadline_that_passes_while_sending_is_named() throws IOException {
    try (Receiver receiver = new Receiver(FailureReasonTest::hold);
        TestSender sender = sender()) {
      assertThat(sender.send(webhook(receiver.url("http"), null), new byte[50_000_000]))
          .isEqualTo(LATE + "sending the request");
    }
  }

  @Test
  void a_webhook_may_have_a_deadline_of_its_own_but_none_past_the_lease() throws IOException {
    try (Receiver receiver = new Receiver(FailureReasonTest::hold);
        TestSender sender =
            new TestSender(
                "webhooks.egress.allow",
                "127.0.0.1",
                "webhooks.delivery.timeout",
                "50ms",
                "webhooks.delivery.lease",
                "600ms")) {
      String url = receiver.url("http");
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
    return TestWebhook.to(url).with(new Limits(1, null, timeout, null)).build();
  }

  private static Arguments behaviour(String name, Behaviour behaviour, String expected) {
    return arguments(name, behaviour, expected);
  }

  private static Behaviour answer(String text) {
    return socket -> say(text, socket);
  }

  private static void say(String text, Socket socket) throws IOException {
    read(socket);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads all of the request, else closing the connection would reset it. */
  private static void read(Socket socket) throws IOException {
    StringBuilder request = new StringBuilder();
    while (request.indexOf("{}") < 0) {
      request.append((char) socket.getInputStream().read());
    }
  }

  /** Says nothing more until the sender hangs up or the receiver is closed. */
  private static void hold(Socket socket) {
    try {
      Thread.currentThread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Accepts connections until it is closed, and behaves with each. */
  private static final class Receiver implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();

    Receiver(Behaviour behaviour) throws IOException {
      threads.submit(
          () -> {
            while (true) {
              Socket socket = server.accept();
              threads.submit(
                  () -> {
                    try (socket) {
                      behaviour.with(socket);
                    }
                    return null;
                  });
            }
          });
    }

    String url(String scheme) {
      return scheme + "://127.0.0.1:" + server.getLocalPort() + "/";
    }

    @Override
    public void close() throws IOException {
      server.close();
      threads.shutdownNow();
    }
  }
}
