package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.crmwebhooks.TestAuthority;
import io.crmwebhooks.TestReceiver;
import io.crmwebhooks.TestReceiver.Received;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The HTTP client with receivers that speak TLS, and with those that do not speak it well. */
class EgressTlsTest {
  private static final String ALLOW = "webhooks.egress.allow";
  private static final String CA = "webhooks.egress.tls.ca";
  private static final String FOLDER = "webhooks.egress.tls.folder";

  /** Every name is this machine's. */
  private static final DnsResolver LOOPBACK =
      new DnsResolver() {
        @Override
        public InetAddress[] resolve(String host) {
          return new InetAddress[] {InetAddress.getLoopbackAddress()};
        }

        @Override
        public String resolveCanonicalHostname(String host) {
          return host;
        }
      };

  private final TestAuthority authority = new TestAuthority("ours");

  @TempDir private Path folder;

  private String ca() {
    return authority.self().writeCertificate(folder.resolve("ca.pem")).toString();
  }

  private TestSender trusting() {
    return new TestSender(ALLOW, "127.0.0.1", CA, ca(), FOLDER, folder.toString());
  }

  @Test
  void a_receiver_of_the_private_authority_is_trusted() {
    try (TestReceiver receiver =
            TestReceiver.overTls(authority.server(authority.issue("127.0.0.1")));
        TestSender sender = trusting()) {
      assertThat(sender.send(receiver.url("/"))).isEqualTo("HTTP 200");
    }
  }

  @Test
  void an_unknown_authority_is_named() {
    try (TestReceiver receiver =
            TestReceiver.overTls(authority.server(authority.issue("127.0.0.1")));
        TestSender sender = new TestSender(ALLOW, "127.0.0.1")) {
      assertThat(sender.send(receiver.url("/")))
          .isEqualTo(
              "TLS: the receiver's certificate is from an authority that is not known here;"
                  + " webhooks.egress.tls.ca can name a private one");
      assertThat(receiver.received()).isEmpty();
    }
  }

  @Test
  void a_self_signed_certificate_is_named() {
    TestAuthority itself = new TestAuthority("127.0.0.1");
    try (TestReceiver receiver = TestReceiver.overTls(itself.server(itself.self()));
        TestSender sender = trusting()) {
      assertThat(sender.send(receiver.url("/")))
          .isEqualTo(
              "TLS: the receiver's certificate is self-signed; webhooks.egress.tls.ca can name it");
    }
  }

  @Test
  void an_expired_certificate_between_is_named() {
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    TestAuthority between =
        authority.between("between", yesterday.minus(Duration.ofDays(1)), yesterday);
    TestAuthority valid =
        authority.between("valid", yesterday, Instant.now().plus(Duration.ofDays(1)));
    try (TestReceiver receiver = TestReceiver.overTls(between.server(between.issue("127.0.0.1")));
        TestReceiver other = TestReceiver.overTls(valid.server(valid.issue("127.0.0.1")));
        TestSender sender = trusting()) {
      assertThat(sender.send(receiver.url("/")))
          .startsWith("TLS: the certificate of the receiver's issuer has expired: CN=between, on ");
      assertThat(sender.send(other.url("/"))).isEqualTo("HTTP 200");
    }
  }

  @Test
  void an_expired_certificate_is_named() {
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    TestAuthority.Issued expired =
        authority.issue("127.0.0.1", yesterday.minus(Duration.ofDays(1)), yesterday);
    try (TestReceiver receiver = TestReceiver.overTls(authority.server(expired));
        TestSender sender = trusting()) {
      assertThat(sender.send(receiver.url("/")))
          .startsWith("TLS: the receiver's certificate has expired: ");
    }
  }

  @Test
  void a_certificate_of_tomorrow_is_named() {
    Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
    TestAuthority.Issued early =
        authority.issue("127.0.0.1", tomorrow, tomorrow.plus(Duration.ofDays(1)));
    try (TestReceiver receiver = TestReceiver.overTls(authority.server(early));
        TestSender sender = trusting()) {
      assertThat(sender.send(receiver.url("/")))
          .startsWith("TLS: the receiver's certificate is not valid yet: ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, elsewhere.example",
    "127.0.0.1, 127.0.0.2",
    "localhost, elsewhere.example"
  })
  void a_certificate_for_another_host_is_named(String called, String certified) {
    try (TestReceiver receiver =
            TestReceiver.overTls(authority.server(authority.issue(certified)));
        TestSender sender = trusting()) {
      assertThat(sender.send("https://" + called + ":" + receiver.port() + "/"))
          .startsWith("TLS: the receiver's certificate is for another host: ")
          .contains(called);
      assertThat(receiver.received()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "host.test, host.test.",
    "host.test, HOST.test",
    "xn--bcher-kva.test, xn--bcher-kva.test",
    "xn--bcher-kva.test, xn--bcher-kva.test.",
    "xn--strae-oqa.test, xn--strae-oqa.test",
    "::1, [::1]"
  })
  void a_host_is_verified_and_asked_for_as_it_is_written(String certified, String called) {
    List<String> askedFor = new CopyOnWriteArrayList<>();
    try (TestReceiver receiver =
            TestReceiver.overTls(authority.server(authority.issue(certified), askedFor::add));
        TestSender sender = new TestSender(LOOPBACK, CA, ca())) {
      String rest = ":" + receiver.port() + "/";
      assertThat(sender.send("https://" + called + rest)).isEqualTo("HTTP 200");
      assertThat(askedFor).isSubsetOf(called.replaceFirst("\\.$", ""));
      assertThat(askedFor).hasSize(called.startsWith("[") ? 0 : 1);
      assertThat(sender.send("https://other.test." + rest))
          .startsWith("TLS: the receiver's certificate is for another host: ");
    }
  }

  /** Java's own servers refuse such a name, so that there is none to finish the handshake with. */
  @ParameterizedTest
  @CsvSource({"my_host.test", "my_host.test.", "my_host", "-h.test"})
  void a_receiver_whose_name_java_refuses_is_asked_for_by_it(String called) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TestSender sender = new TestSender(LOOPBACK, CA, ca())) {
      CompletableFuture<String> hello =
          CompletableFuture.supplyAsync(
              () -> {
                try (Socket client = server.accept()) {
                  byte[] first = new byte[2000];
                  int length = client.getInputStream().read(first);
                  return new String(first, 0, length, StandardCharsets.ISO_8859_1);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      assertThat(sender.send("https://" + called + ":" + server.getLocalPort() + "/"))
          .contains("closed the connection during the handshake");
      String name = called.replaceFirst("\\.$", "");
      assertThat(hello.join())
          .contains("\0" + (char) name.length() + name)
          .doesNotContain(called + ".");
    }
  }

  static Stream<Arguments> poorAnswers() {
    String record = "160302002a" + "02000026" + "0302" + "00".repeat(32) + "00" + "002f" + "00";
    return Stream.of(
        arguments("SSH-2.0-OpenSSH_9.6\r\n".getBytes(), "the server there does not speak TLS"),
        arguments(
            "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(), "the server there does not speak TLS"),
        arguments(
            new byte[] {0x15, 3, 1, 0, 2, 2, 70}, // an alert: protocol_version
            "the receiver speaks no TLS 1.2 or newer"),
        arguments(HexFormat.of().parseHex(record), "the receiver speaks no TLS 1.2 or newer"),
        arguments(new byte[0], "the receiver closed the connection during the handshake"));
  }

  @ParameterizedTest
  @MethodSource("poorAnswers")
  void a_receiver_that_speaks_no_tls_or_an_older_one_is_named(byte[] answer, String expected)
      throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        TestSender sender = trusting()) {
      Thread thread = new Thread(() -> answerOnce(server, answer));
      thread.start();
      assertThat(sender.send("https://127.0.0.1:" + server.getLocalPort() + "/"))
          .startsWith("TLS: " + expected);
      thread.join();
    }
  }

  private static void answerOnce(ServerSocket server, byte[] answer) {
    try (Socket socket = server.accept()) {
      InputStream in = socket.getInputStream();
      in.read(new byte[4096]);
      socket.getOutputStream().write(answer);
      socket.shutdownOutput();
      in.readAllBytes();
    } catch (IOException e) {
      // The client may hang up first.
    }
  }

  @Test
  void a_receiver_that_wants_a_client_certificate_gets_that_of_the_settings() {
    TestAuthority.Issued client = authority.issue("crm.example");
    try (TestReceiver receiver =
            TestReceiver.overTls(authority.demandingServer(authority.issue("127.0.0.1")));
        TestSender without = trusting();
        TestSender sender =
            new TestSender(
                ALLOW,
                "127.0.0.1",
                CA,
                ca(),
                "webhooks.egress.tls.certificate",
                client.writeCertificate(folder.resolve("client.pem")).toString(),
                "webhooks.egress.tls.key",
                client.writeKey(folder.resolve("client.key")).toString())) {
      assertThat(without.send(receiver.url("/")))
          .startsWith("TLS: the receiver ")
          .contains("client certificate");
      assertThat(sender.send(receiver.url("/"))).isEqualTo("HTTP 200");
      assertThat(receiver.received())
          .extracting(Received::client)
          .containsExactly("CN=crm.example");
    }
  }

  @Test
  void a_receiver_that_refuses_after_the_handshake_that_there_is_no_certificate_is_named() {
    try (TestReceiver receiver =
            TestReceiver.overTls(
                authority.demandingServer(authority.issue("127.0.0.1"), "TLSv1.3"));
        TestSender without = trusting()) {
      for (int i = 0; i < 20; i++) {
        assertThat(without.send(receiver.url("/" + "x".repeat(7000))))
            .startsWith("TLS: the receiver ")
            .contains("client certificate");
      }
    }
  }

  @Test
  void a_connection_made_with_one_identity_is_not_used_with_another() {
    for (String name : new String[] {"a", "b"}) {
      TestAuthority.Issued client = authority.issue(name + ".example");
      client.writeCertificate(folder.resolve(name).resolve("tls.crt"));
      client.writeKey(folder.resolve(name).resolve("tls.key"));
    }
    try (TestReceiver receiver =
            TestReceiver.overTls(authority.demandingServer(authority.issue("127.0.0.1")));
        TestSender sender = trusting()) {
      for (String name : new String[] {"a", "a", "b", "b", "a"}) {
        assertThat(sender.send(receiver.url("/" + name), name)).isEqualTo("HTTP 200");
      }
      assertThat(sender.send(receiver.url("/none"))).startsWith("TLS: ");
      assertThat(receiver.received())
          .extracting(Received::path, Received::client)
          .containsExactly(
              tuple("/a", "CN=a.example"),
              tuple("/a", "CN=a.example"),
              tuple("/b", "CN=b.example"),
              tuple("/b", "CN=b.example"),
              tuple("/a", "CN=a.example"));
      assertThat(receiver.received().get(1).connection())
          .as("kept alive within an identity")
          .isEqualTo(receiver.received().get(0).connection());
    }
  }

  @Test
  void a_private_authority_of_one_webhook_is_not_trusted_for_another() {
    authority.self().writeCertificate(folder.resolve("partner").resolve("ca.crt"));
    try (TestReceiver receiver =
            TestReceiver.overTls(authority.server(authority.issue("127.0.0.1")));
        TestSender sender = new TestSender(ALLOW, "127.0.0.1", FOLDER, folder.toString())) {
      assertThat(sender.send(receiver.url("/"), "partner")).isEqualTo("HTTP 200");
      assertThat(sender.send(receiver.url("/"))).contains("authority that is not known here");
    }
  }

  @Test
  void an_identity_without_files_fails_the_attempts_of_its_webhooks_in_words() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        TestSender sender = trusting()) {
      assertThat(sender.send(receiver.url("/"), "nobody"))
          .startsWith("there is no TLS identity nobody: no folder ");
      assertThat(sender.send(receiver.url("/"), "../" + folder.getFileName()))
          .startsWith("a TLS identity is named with ");
      assertThat(receiver.received()).isEmpty();
    }
  }
}
