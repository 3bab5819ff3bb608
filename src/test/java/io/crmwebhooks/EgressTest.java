package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.SECRET;
import static io.crmwebhooks.PipelineFixture.soon;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.admin.NewWebhook;
import io.crmwebhooks.http.CustomHeaders;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.settings.StartupException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The rules for calls to the outside, through the whole pipeline. */
class EgressTest {
  private static final String ALLOW = "webhooks.egress.allow";

  @TempDir private Path folder;

  /** As somebody would who writes the table by hand, past the check that saving makes. */
  private static UUID store(PipelineFixture pipeline, String url) {
    return (UUID)
        pipeline.value(
            "INSERT INTO webhooks.subscription (target_url) VALUES (?) RETURNING id", url);
  }

  private static String error(PipelineFixture pipeline, UUID webhook) {
    return (String)
        pipeline.value("SELECT error FROM webhooks.delivery WHERE subscription_id = ?", webhook);
  }

  @Test
  void a_blocked_address_is_a_failed_attempt_that_takes_the_retry_schedule() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline =
            new PipelineFixture(ALLOW, "", "webhooks.delivery.retry-schedule", "50ms,1h").start()) {
      store(pipeline, receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == 2);
      assertThat(pipeline.sql("SELECT status, error FROM webhooks.attempt"))
          .hasSize(2)
          .allSatisfy(
              attempt ->
                  assertThat(attempt)
                      .containsEntry("status", null)
                      .containsEntry(
                          "error",
                          "blocked: 127.0.0.1 is a loopback address, and webhooks.egress.allow does not list it"));
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending' AND attempts = 2") == 1);
      assertThat(receiver.received()).isEmpty();
    }
  }

  @Test
  void a_target_that_was_stored_unchecked_is_checked_when_it_is_called() {
    Map<String, String> reasons =
        Map.ofEntries(
            entry("http://localhost:%d/", "blocked: localhost is "),
            entry("http://[::ffff:127.0.0.1]:%d/", "blocked: [::ffff:127.0.0.1] is "),
            entry(
                "http://0177.0.0.1:%d/", "target URL: 0177.0.0.1 is another spelling of 127.0.0.1"),
            entry("http://2130706433:%d/", "target URL: 2130706433 is another spelling of"),
            entry("http://127.0.0.1:22/", "blocked: port 22 is none of webhooks.egress.ports"),
            entry("ftp://127.0.0.1:%d/", "blocked: only http:// and https:// are called"),
            entry("http://u:hidden@127.0.0.1:%d/", "target URL: it must not hold a user"),
            entry("file:///etc/passwd", "target URL: it must be http:// or https://"),
            entry("http://0x7f.1:%d/", "target URL: 0x7f.1 is another spelling of 127.0.0.1"),
            entry("http://127.0.0.1.:%d/", "target URL: 127.0.0.1. is another spelling"),
            entry("http://{{webhooks.egress.allow}}:%d/", "is not a valid host name"));
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture(ALLOW, "10.0.0.0/8").start()) {
      Map<UUID, String> expected = new HashMap<>();
      reasons.forEach(
          (url, reason) -> expected.put(store(pipeline, url.formatted(receiver.port())), reason));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == reasons.size());
      expected.forEach(
          (webhook, reason) ->
              assertThat(error(pipeline, webhook)).contains(reason).doesNotContain("hidden"));
      assertThat(receiver.received()).isEmpty();
    }
  }

  @Test
  void a_target_that_may_not_be_called_is_refused_when_it_is_saved() {
    try (PipelineFixture pipeline = new PipelineFixture(ALLOW, "")) {
      assertThatThrownBy(() -> pipeline.webhook("http://127.0.0.1:8080/"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "target URL: 127.0.0.1 is a loopback address, and webhooks.egress.allow does not list it");
      assertThat(pipeline.count("subscription")).isZero();
    }
  }

  private static void add(
      PipelineFixture pipeline, TestReceiver receiver, CustomHeaders headers, String tlsIdentity)
      throws SQLException {
    List<String> all = List.of("*.*");
    NewWebhook webhook =
        new NewWebhook("", receiver.url("/"), all, null, SECRET, Scheme.ALL, headers, tlsIdentity);
    pipeline.webhooks().add(pipeline.storedSecrets(), webhook);
  }

  @Test
  void custom_headers_are_sent_beside_ours_and_are_in_no_log() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    Logger own = (Logger) LoggerFactory.getLogger("io.crmwebhooks");
    Level level = own.getLevel();
    root.addAppender(log);
    own.setLevel(Level.TRACE);
    try (TestReceiver receiver = TestReceiver.answering(503);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      add(
          pipeline,
          receiver,
          CustomHeaders.of(
              Map.of("Authorization", "Bearer hidden-value", "Cookie", "a=1; b=2", "X-A", "")),
          null);
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == 1);
      assertThat(receiver.received().get(0).headers())
          .containsEntry("authorization", "Bearer hidden-value")
          .containsEntry("cookie", "a=1; b=2")
          .containsEntry("x-a", "")
          .containsEntry("content-type", "application/json")
          .containsKeys("webhook-signature", "x-twenty-webhook-signature", "user-agent");
      assertThat(pipeline.webhooks().list().get(0).headerNames())
          .containsExactly("Authorization", "Cookie", "X-A");
    } finally {
      own.setLevel(level);
      root.detachAppender(log);
    }
    assertThat(log.list).isNotEmpty();
    assertThat(log.list)
        .noneMatch(event -> event.getFormattedMessage().contains("hidden-value"))
        .noneMatch(
            event ->
                event.getThrowableProxy() != null
                    && event.getThrowableProxy().getMessage().contains("hidden-value"));
  }

  @Test
  void a_target_goes_through_the_routes_byte_for_byte() {
    String path = "/a~b/.././/c%2F%00;d=+,'?x=[1]&y=~&z=%7e?";
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      store(pipeline, receiver.url(path));
      pipeline.change("person.created", "{}");
      soon().until(() -> receiver.received().size() == 1);
      assertThat(receiver.received()).extracting(Received::path).containsExactly(path);
    }
  }

  @Test
  void headers_that_were_stored_unchecked_fail_their_own_webhook_only() {
    Map<String, String> reasons =
        Map.of(
            "{\"X-A\":\"hidden\\r\\nX-B: injected\"}", "header 'X-A' must have a text",
            "{\"X-A\\r\\nX-B\":\"hidden\"}", "header 'X-A??X-B' is not a valid header name",
            "{\"Host\":\"hidden\"}", "header 'Host' is reserved",
            "{\"CamelHttpUri\":\"http://hidden/\"}", "header 'CamelHttpUri' is reserved",
            "{\"X-A\":{\"hidden\":1}}", "headers are no JSON object of texts");
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      Map<UUID, String> expected = new HashMap<>();
      reasons.forEach(
          (headers, reason) -> {
            UUID webhook = store(pipeline, receiver.url("/bad"));
            pipeline.sql(
                "UPDATE webhooks.subscription SET headers = CAST(? AS jsonb) WHERE id = ?",
                headers,
                webhook);
            expected.put(webhook, reason);
          });
      store(pipeline, receiver.url("/good"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == reasons.size());
      expected.forEach(
          (webhook, reason) ->
              assertThat(error(pipeline, webhook))
                  .startsWith("webhook " + webhook + " cannot be sent: " + reason)
                  .doesNotContain("hidden"));
      soon().until(() -> receiver.received("/good").size() == 1);
      assertThat(receiver.received("/bad")).isEmpty();
    }
  }

  @Test
  void a_webhook_is_sent_with_the_tls_identity_that_it_names() throws Exception {
    TestAuthority authority = new TestAuthority("ours");
    authority.self().writeCertificate(folder.resolve("partner").resolve("ca.crt"));
    TestAuthority.Issued client = authority.issue("crm.example");
    client.writeCertificate(folder.resolve("partner").resolve("tls.crt"));
    client.writeKey(folder.resolve("partner").resolve("tls.key"));
    try (TestReceiver receiver =
            TestReceiver.overTls(authority.demandingServer(authority.issue("127.0.0.1")));
        PipelineFixture pipeline =
            new PipelineFixture("webhooks.egress.tls.folder", folder.toString()).start()) {
      add(pipeline, receiver, CustomHeaders.NONE, "partner");
      pipeline.change("person.created", "{}");
      soon().until(() -> receiver.received().size() == 1);
      assertThat(receiver.received())
          .extracting(Received::client)
          .containsExactly("CN=crm.example");
    }
  }

  @Test
  void tls_files_that_cannot_be_used_stop_the_start() {
    try (PipelineFixture pipeline =
        new PipelineFixture("webhooks.egress.tls.ca", folder.resolve("none").toString())) {
      assertThatThrownBy(pipeline::start)
          .isInstanceOf(StartupException.class)
          .hasMessage("webhooks.egress.tls: there is no file " + folder.resolve("none"));
    }
  }
}
