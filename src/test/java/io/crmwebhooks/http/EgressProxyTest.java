package io.crmwebhooks.http;

import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestAuthority;
import io.crmwebhooks.TestProxy;
import io.crmwebhooks.TestReceiver;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.TestWebhook;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP client's requests through a proxy, and its reading of the proxy's own answers. */
class EgressProxyTest {
  private static final String CREDENTIALS =
      "Basic " + Base64.getEncoder().encodeToString("crm:pass".getBytes());

  private final TestAuthority authority = new TestAuthority("ours");

  @TempDir private Path folder;

  private TestSender through(String proxy, String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "webhooks.egress.proxy.url",
                proxy,
                "webhooks.egress.tls.ca",
                authority.self().writeCertificate(folder.resolve("ca.pem")).toString(),
                "webhooks.egress.tls.folder",
                folder.toString()));
    settings.addAll(List.of(more));
    return new TestSender(settings.toArray(String[]::new));
  }

  private TestSender through(TestProxy proxy, String... more) {
    return through("http://127.0.0.1:" + proxy.port(), more);
  }

  private TestReceiver receiverOverTls(String host) {
    return TestReceiver.overTls(authority.server(authority.issue(host)));
  }

  @Test
  void a_plain_request_is_made_by_the_proxy_which_resolves_the_name() {
    try (TestProxy proxy = TestProxy.start();
        TestReceiver receiver = TestReceiver.answering(200);
        TestSender sender = through(proxy)) {
      String url = "http://receiver.example:" + receiver.port() + "/hook";
      assertThat(sender.send(url)).isEqualTo("HTTP 200");
      assertThat(proxy.heads()).singleElement().asString().startsWith("POST " + url + " ");
      assertThat(receiver.received()).extracting(Received::path).containsExactly("/hook");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"xn--bcher-kva.test", "xn--strae-oqa.test", "host.test.", "H.test"})
  void a_proxy_is_told_the_host_and_path_as_they_are_written(String host) {
    try (TestProxy proxy = TestProxy.start();
        TestReceiver receiver = TestReceiver.answering(200);
        TestReceiver overTls = receiverOverTls(host.replaceFirst("\\.$", ""));
        TestSender sender = through(proxy)) {
      String authority = host + ":" + receiver.port();
      String url = "http://" + authority + "/a~b/../c%2f?d=[1]";
      assertThat(sender.send(url)).isEqualTo("HTTP 200");
      assertThat(proxy.heads().get(0))
          .startsWith("POST " + url + " HTTP/1.1\r\nHost: " + authority);
      String tunnelled = host + ":" + overTls.port();
      assertThat(sender.send("https://" + tunnelled + "/a~b/../c%2f?d=[1]")).isEqualTo("HTTP 200");
      assertThat(proxy.heads().get(1)).startsWith("CONNECT " + tunnelled + " HTTP/1.1\r\n");
      assertThat(overTls.received())
          .extracting(Received::path)
          .containsExactly("/a~b/../c%2f?d=[1]");
    }
  }

  @Test
  void a_request_over_tls_is_tunnelled_and_the_receiver_verified_end_to_end() {
    try (TestProxy proxy = TestProxy.start();
        TestReceiver receiver = receiverOverTls("receiver.example");
        TestSender sender = through(proxy)) {
      String authority = "receiver.example:" + receiver.port();
      assertThat(sender.send("https://" + authority + "/hook")).isEqualTo("HTTP 200");
      assertThat(proxy.heads())
          .singleElement()
          .asString()
          .startsWith("CONNECT " + authority + " ")
          .doesNotContain("webhook-");
      assertThat(sender.send("https://other.example:" + receiver.port() + "/"))
          .startsWith("TLS: the receiver's certificate is for another host: ");
    }
  }

  @Test
  void a_token_server_is_reached_through_the_proxy_and_verified_as_a_receiver_is() {
    try (TestProxy proxy = TestProxy.start();
        TestReceiver tokens =
            TestReceiver.overTls(
                authority.server(authority.issue("tokens.example")),
                (request, exchange) -> respond(exchange, 200, "{\"access_token\":\"t\"}"));
        TestReceiver receiver = TestReceiver.answering(200);
        TestSender sender = through(proxy);
        TestSender trustingNobody =
            new TestSender("webhooks.egress.proxy.url", "http://127.0.0.1:" + proxy.port())) {
      String url = "http://receiver.example:" + receiver.port() + "/";
      String server = "tokens.example:" + tokens.port();
      assertThat(sender.send(granted(url, "https://" + server + "/token"), "{}".getBytes()))
          .isEqualTo("HTTP 200");
      assertThat(proxy.heads()).hasSize(2).first().asString().startsWith("CONNECT " + server + " ");
      assertThat(receiver.received().get(0).headers()).containsEntry("authorization", "Bearer t");
      assertThat(trustingNobody.send(granted(url, "https://" + server + "/"), "{}".getBytes()))
          .startsWith("token server: TLS: ")
          .contains("from an authority that is not known here");
      assertThat(receiver.received()).hasSize(1);
    }
  }

  private static Webhook granted(String url, String tokenUrl) {
    return TestWebhook.to(url)
        .with(new ClientCredentials(Target.parse(tokenUrl), "me", "secret", null, null))
        .build();
  }

  private TestSender withCredentials(TestProxy proxy) {
    return through(
        proxy, "webhooks.egress.proxy.username", "crm", "webhooks.egress.proxy.password", "pass");
  }

  @Test
  void credentials_are_sent_to_the_proxy_at_once_and_never_to_the_receiver() {
    try (TestProxy proxy = TestProxy.start();
        TestReceiver plain = TestReceiver.answering(200);
        TestReceiver overTls = receiverOverTls("receiver.example");
        TestSender sender = withCredentials(proxy)) {
      assertThat(sender.send("http://receiver.example:" + plain.port() + "/"))
          .isEqualTo("HTTP 200");
      assertThat(sender.send("https://receiver.example:" + overTls.port() + "/"))
          .isEqualTo("HTTP 200");
      assertThat(proxy.heads())
          .hasSize(2)
          .allMatch(head -> head.contains("Proxy-Authorization: " + CREDENTIALS + "\r\n"));
      assertThat(overTls.received().get(0).headers()).doesNotContainKey("proxy-authorization");
    }
  }

  @Test
  void tls_can_be_spoken_to_the_proxy_itself_with_the_default_identity_only() {
    TestAuthority.Issued client = authority.issue("partner.example");
    client.writeCertificate(folder.resolve("partner").resolve("tls.crt"));
    client.writeKey(folder.resolve("partner").resolve("tls.key"));
    TestAuthority.Issued ofProxy = authority.issue("127.0.0.1");
    try (TestProxy proxy =
            TestProxy.start(authority.context(ofProxy).getServerSocketFactory(), head -> null);
        TestReceiver receiver =
            TestReceiver.overTls(authority.demandingServer(authority.issue("receiver.example")));
        TestSender sender = through("https://127.0.0.1:" + proxy.port())) {
      String url = "https://receiver.example:" + receiver.port() + "/";
      assertThat(sender.send(url, "partner")).isEqualTo("HTTP 200");
      assertThat(receiver.received())
          .extracting(Received::client)
          .containsExactly("CN=partner.example");
      assertThat(proxy.clients()).containsExactly("nobody");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nnot so",
        "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n"
      })
  void what_the_proxy_says_to_a_tunnel_is_never_taken_for_the_receivers_answer(String answer) {
    try (TestProxy proxy = TestProxy.start(ServerSocketFactory.getDefault(), head -> answer);
        TestSender sender = through(proxy)) {
      assertThat(sender.send("https://receiver.example/"))
          .startsWith("the proxy refused: HTTP " + answer.substring(9, 12));
    }
  }

  @Test
  void a_proxy_that_wants_other_credentials_is_named_for_plain_requests_too() {
    String answer =
        "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n";
    try (TestProxy proxy = TestProxy.start(ServerSocketFactory.getDefault(), head -> answer);
        TestSender sender = withCredentials(proxy)) {
      assertThat(sender.send("http://receiver.example/"))
          .isEqualTo("the proxy refused: HTTP 407, it wants other credentials")
          .doesNotContain("pass");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1/, a loopback address",
    "https://169.254.169.254/, a link-local address",
    "http://[::1]/, a loopback address",
    "http://localhost/, a loopback address",
    "http://a.localhost:8080/, a loopback address",
    "http://receiver.example:22/, port 22",
  })
  void what_the_url_itself_says_is_checked_before_the_proxy_is_asked(String url, String reason) {
    try (TestProxy proxy = TestProxy.start();
        TestSender sender = through(proxy)) {
      assertThat(sender.send(url)).startsWith("blocked: ").contains(reason);
      assertThat(proxy.heads()).isEmpty();
    }
  }

  @Test
  void what_bypasses_the_proxy_is_called_directly_and_checked_here() {
    try (TestProxy proxy = TestProxy.start();
        TestReceiver receiver = TestReceiver.answering(200);
        TestSender allowed =
            through(
                proxy,
                "webhooks.egress.proxy.bypass",
                "127.0.0.0/8",
                "webhooks.egress.allow",
                "127.0.0.1");
        TestSender blocked = through(proxy, "webhooks.egress.proxy.bypass", "localhost")) {
      assertThat(allowed.send(receiver.url("/"))).isEqualTo("HTTP 200");
      assertThat(blocked.send("http://localhost:" + receiver.port() + "/"))
          .startsWith("blocked: localhost is ");
      assertThat(proxy.heads()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, a loopback address", "localhost, is the proxy"})
  void the_proxys_own_host_is_not_called_past_the_proxy_unless_it_is_allowed(
      String host, String reason) {
    try (TestProxy proxy = TestProxy.start();
        TestReceiver beside = TestReceiver.answering(200);
        TestSender blocked =
            through("http://" + host + ":" + proxy.port(), "webhooks.egress.proxy.bypass", host);
        TestSender allowed =
            through(
                "http://" + host + ":" + proxy.port(),
                "webhooks.egress.proxy.bypass",
                host,
                "webhooks.egress.allow",
                host)) {
      String url = "http://" + host + ":" + beside.port() + "/";
      assertThat(blocked.send(url)).startsWith("blocked: ").contains(reason);
      assertThat(beside.received()).isEmpty();
      assertThat(allowed.send(url)).isEqualTo("HTTP 200");
      assertThat(blocked.send("http://receiver.example:" + beside.port() + "/"))
          .as("through the proxy, which bypasses itself")
          .isEqualTo("HTTP 200");
    }
  }

  @Test
  void a_proxy_that_is_down_is_named_without_its_credentials() {
    try (TestSender sender =
        through(
            "http://127.0.0.1:1",
            "webhooks.egress.proxy.username",
            "crm",
            "webhooks.egress.proxy.password",
            "pass")) {
      assertThat(sender.send("http://receiver.example/"))
          .startsWith("the connection was refused: ")
          .contains("127.0.0.1:1")
          .doesNotContain("pass");
    }
  }
}
