package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.SECRET;
import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.http.WebhookSigner;
import io.crmwebhooks.settings.StartupException;
import java.net.ServerSocket;
import java.net.http.HttpHeaders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way of a change from its row to the receiver, on the real routes, a real PostgreSQL and real
 * HTTP.
 */
class PipelineTest {
  @OnBothEngines
  void a_change_reaches_every_webhook_subscribed_to_it_signed_both_ways() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(204);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/all?x=a%20b"));
      pipeline.webhook(receiver.url("/people"), "person.*");
      pipeline.webhook(receiver.url("/companies"), "company.*");
      pipeline.change("person.created", "{\"name\":\"Zoë 𝄞\",\"amount\":12345678901234567890.10}");
      soon().until(() -> pipeline.count("delivery") == 2);
      assertThat(receiver.received())
          .extracting(Received::path)
          .containsExactlyInAnyOrder("/all?x=a%20b", "/people");
      for (Received request : receiver.received()) {
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.text())
            .startsWith(
                "{\"event\":\"person.created\",\"data\":{\"name\":\"Zoë 𝄞\",\"amount\":12345678901234567890.10},");
        assertSigned(request);
      }
    }
  }

  @Test
  void nothing_but_the_documented_headers_is_sent() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> receiver.received().size() == 1);
      Map<String, String> headers = receiver.received().get(0).headers();
      assertThat(headers.keySet())
          .containsExactlyInAnyOrder(
              "content-type",
              "content-length",
              "host",
              "accept",
              "connection",
              "user-agent",
              "webhook-id",
              "webhook-timestamp",
              "webhook-signature",
              "x-twenty-webhook-timestamp",
              "x-twenty-webhook-signature",
              "x-twenty-webhook-nonce");
      assertThat(headers).containsEntry("content-type", "application/json");
      assertThat(headers.get("user-agent")).matches("crm-webhooks/\\d+\\.\\d+\\.\\d+");
      assertThat(headers.get("x-twenty-webhook-nonce")).matches("[0-9a-f]{32}");
    }
  }

  @Test
  void a_webhook_without_a_secret_is_sent_unsigned() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhookOf("", receiver.url("/"), "");
      pipeline.change("person.created", "{}");
      soon().until(() -> receiver.received().size() == 1);
      assertThat(receiver.received().get(0).headers())
          .containsKey("webhook-id")
          .doesNotContainKeys("webhook-signature", "x-twenty-webhook-signature");
    }
  }

  @Test
  @OnPostgresql("on Kafka it costs no row")
  void a_delivery_that_succeeds_at_once_costs_one_row_that_is_never_updated() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery") == 1);
      Map<String, Object> row =
          pipeline.sql("SELECT *, ctid::text AS place FROM webhooks.delivery").get(0);
      assertThat(row)
          .containsEntry("id", receiver.received().get(0).id())
          .containsEntry("state", "delivered")
          .containsEntry("attempts", 1)
          .containsEntry("status", 200)
          .containsEntry("place", "(0,1)");
      assertThat(row.get("attempted_at")).isNotNull();
      assertThat(row.get("duration_ms")).isNotNull();
      assertThat(pipeline.count("attempt")).isZero();
      assertThat(pipeline.count("undispatched")).isZero();
    }
  }

  @Test
  void what_is_rolled_back_is_never_sent() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      assertThatThrownBy(
              () ->
                  pipeline.sql(
                      "DO $$ BEGIN INSERT INTO webhooks.change (event, record) VALUES ('person.lost', '{}'); "
                          + "RAISE EXCEPTION 'no'; END $$"))
          .hasMessageContaining("no");
      pipeline.change("person.kept", "{}");
      soon().until(() -> pipeline.count("delivery") == 1);
      assertThat(receiver.received())
          .singleElement()
          .matches(request -> request.text().contains("person.kept"));
    }
  }

  @OnBothEngines
  void a_malformed_change_is_parked_with_its_reason_and_stops_nothing_behind_it() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.sql(
          "INSERT INTO webhooks.change (event, record) VALUES (NULL, '{}'), ('person', '{}'), ('a.b.c', '{}'), "
              + "('a.b', '[]'), ('a.b', NULL), ('a.b', 'null'), ('person.created', '{\"n\":7}')");
      pipeline.start();
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(receiver.received())
          .singleElement()
          .matches(request -> request.text().contains("{\"n\":7}"));
      assertThat(pipeline.sql("SELECT reason FROM webhooks.parked_change ORDER BY change_id"))
          .extracting(row -> (String) row.get("reason"))
          .containsExactly(
              "event is missing",
              "event is not of the form object.action: person",
              "event is not of the form object.action: a.b.c",
              "record is not a JSON object",
              "record is missing",
              "record is not a JSON object");
    }
  }

  @Test
  void a_webhook_gets_only_changes_of_its_own_workspace() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhookOf("one", receiver.url("/one"), SECRET);
      pipeline.webhookOf("two", receiver.url("/two"), SECRET);
      pipeline.sql(
          "INSERT INTO webhooks.change (workspace, event, record) VALUES ('one', 'a.b', '{}'), ('', 'a.b', '{}')");
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(receiver.received()).extracting(Received::path).containsExactly("/one");
    }
  }

  @OnBothEngines
  void a_new_webhook_gets_every_change_committed_after_it_and_a_removed_one_none()
      throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.change("before.it", "{}");
      soon().until(() -> pipeline.count("undispatched") == 0);
      for (int i = 0; i < 20; i++) {
        UUID id = pipeline.webhook(receiver.url("/" + i), "person.*");
        pipeline.change("person.created", "{}");
        int n = i;
        soon().until(() -> receiver.received("/" + n).size() == 1);
        pipeline.sql("UPDATE webhooks.subscription SET enabled = false WHERE id = ?", id);
      }
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(receiver.received()).hasSize(20);
    }
  }

  @OnBothEngines
  void a_burst_goes_out_once_each() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture("webhooks.poll.batch-size", "50").start()) {
      pipeline.webhook(receiver.url("/a"));
      pipeline.webhook(receiver.url("/b"));
      pipeline.changes("person.created", 1000);
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 2000);
      assertThat(receiver.received()).hasSize(2000);
      assertThat(receiver.received().stream().map(Received::id).distinct()).hasSize(2000);
    }
  }

  @Test
  @OnPostgresql("consumers of Kafka bound their bytes in other steps")
  void a_claim_takes_no_more_into_memory_than_the_setting_allows() {
    try (TestReceiver receiver = TestReceiver.answering(500);
        PipelineFixture pipeline =
            new PipelineFixture(
                "webhooks.poll.batch-bytes", "2500", "webhooks.poll.batches", "1")) {
      pipeline.webhook(receiver.url("/"));
      for (int i = 0; i < 6; i++) {
        pipeline.change("person.created", "{\"pad\":\"" + "x".repeat(990) + "\"}");
      }
      pipeline.start();
      soon().until(() -> pipeline.count("delivery") == 6);
      // Rows of one statement have one time: three of a good 1000 bytes reach over 2500.
      assertThat(pipeline.sql("SELECT count(*) AS n FROM webhooks.delivery GROUP BY created_at"))
          .extracting(row -> row.get("n"))
          .containsExactly(3L, 3L);
    }
  }

  @OnBothEngines
  void a_record_too_large_is_parked_with_its_size_and_stops_nothing_behind_it() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture("webhooks.poll.record-bytes", "1000")) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{\"pad\":\"" + "x".repeat(2000) + "\"}");
      pipeline.change("person.created", "{\"n\":7}");
      pipeline.start();
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(receiver.received()).singleElement().matches(r -> r.text().contains("\"n\":7"));
      assertThat((String) pipeline.value("SELECT reason FROM webhooks.parked_change"))
          .contains("2010 bytes")
          .contains("webhooks.poll.record-bytes");
    }
  }

  @Test
  void a_taken_port_stops_the_start_with_one_sentence() throws Exception {
    try (ServerSocket taken = new ServerSocket(0);
        PipelineFixture pipeline =
            new PipelineFixture("webhooks.http.port", Integer.toString(taken.getLocalPort()))) {
      assertThatThrownBy(pipeline::start)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("webhooks.http.port=" + taken.getLocalPort());
    }
  }

  @Test
  void a_broken_route_file_stops_the_start_and_is_named(@TempDir Path routes) throws Exception {
    Files.writeString(
        routes.resolve("10-broken.camel.yaml"),
        "- route:\n    id: x\n    form:\n      uri: direct:a\n");
    try (PipelineFixture pipeline =
        new PipelineFixture("webhooks.routes", "file:" + routes + "/*.camel.yaml")) {
      assertThatThrownBy(pipeline::start)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("10-broken.camel.yaml");
    }
  }

  @Test
  void a_call_of_a_route_that_is_not_there_stops_the_start_with_its_place(@TempDir Path routes)
      throws Exception {
    EditedRoutes edited =
        EditedRoutes.in(routes)
            .replace(
                "20-dispatch-changes.camel.yaml", "direct:customise-change", "direct:customise");
    try (PipelineFixture pipeline = new PipelineFixture(edited)) {
      assertThatThrownBy(pipeline::start)
          .isInstanceOf(StartupException.class)
          .message()
          .containsPattern("20-dispatch-changes.camel.yaml:\\d+: direct:customise is called");
      assertThat(pipeline.count("node")).isZero();
    }
  }

  @OnBothEngines
  void the_change_may_be_customised_dropped_or_parked_by_an_edited_route(@TempDir Path routes)
      throws Exception {
    EditedRoutes edited =
        EditedRoutes.in(routes)
            .recipe("customise")
            .customise(
                "broken",
                """
                - throwException:
                    exceptionType: java.lang.IllegalStateException
                    message: "no such thing: ${body.record[name]}"
                """);
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture(edited).start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change(
          "person.created", "{\"name\":\"Ann\",\"phones\":{\"primary\":\"1\"},\"n\":1.10}");
      pipeline.change("opportunity.created", "{\"amount\":{\"amountMicros\":9}}");
      pipeline.change("opportunity.created", "{\"amount\":{\"amountMicros\":99000000000}}");
      pipeline.change("broken.created", "{\"name\":\"a\\u0000b\\ud83d\"}");
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(receiver.received())
          .extracting(request -> request.text().replaceAll(",\"timestamp.*", ""))
          .containsExactlyInAnyOrder(
              "{\"event\":\"person.created\",\"data\":{\"name\":\"Ann\",\"n\":1.10}",
              "{\"event\":\"opportunity.created\",\"data\":{\"amount\":{\"amountMicros\":99000000000}}");
      assertThat((String) pipeline.value("SELECT reason FROM webhooks.parked_change"))
          .contains("no such thing: a\uFFFDb\uFFFD");
      assertThat(pipeline.value("SELECT change_id FROM webhooks.dropped_change")).isEqualTo(2L);
    }
  }

  static void assertSigned(Received request) throws Exception {
    Map<String, String> headers = request.headers();
    new Webhook(SECRET)
        .verify(
            request.text(),
            HttpHeaders.of(
                headers.entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, e -> List.of(e.getValue()))),
                (name, value) -> true));
    long millis = Long.parseLong(headers.get("x-twenty-webhook-timestamp"));
    assertThat(headers)
        .containsEntry(
            "x-twenty-webhook-signature", new WebhookSigner(SECRET).twenty(millis, request.body()))
        .containsEntry("webhook-timestamp", Long.toString(millis / 1000));
    assertThat(request.id()).startsWith("msg_").doesNotContain(".");
  }
}
