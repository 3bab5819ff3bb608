package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TwentyFixture.NEWER;
import static io.crmwebhooks.TwentyFixture.WORKSPACE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Twenty with a running pipeline beside it: its webhooks get what its users do. */
class TwentyServedTest {
  private static final String SWITCH = "SELECT webhooks.twenty_%s('" + WORKSPACE + "'%s)";

  private static PipelineFixture pipeline;
  private static TwentyFixture twenty;
  private static TestReceiver receiver;

  @BeforeAll
  static void start() throws SQLException {
    TestDatabase database = TestDatabase.create();
    twenty = TwentyFixture.create(database.dataSource(), NEWER);
    twenty.run(
        "SELECT webhooks.twenty_install(NULL)",
        "SELECT webhooks.twenty_capture('%s', false)".formatted(WORKSPACE));
    receiver = TestReceiver.answering(200);
    pipeline = new PipelineFixture(database, "webhooks.twenty.follow", "200ms").start();
  }

  @AfterAll
  static void stop() throws Exception {
    PipelineFixture.closeAll(pipeline, receiver);
  }

  @BeforeEach
  void live() throws SQLException {
    twenty.run(SWITCH.formatted("live", ""));
  }

  @AfterEach
  void tidy() throws SQLException {
    twenty.run("DELETE FROM core.webhook", SWITCH.formatted("shadow", ""));
  }

  @Test
  void a_webhook_is_served_as_soon_as_it_is_made_and_silent_as_soon_as_it_is_deleted()
      throws SQLException {
    addWebhook("/made");
    addPerson("Ada");
    soon().until(() -> receiver.received("/made").size() == 1);
    assertThat(receiver.received("/made").get(0).text()).contains("\"firstName\":\"Ada\"");

    twenty.run("UPDATE core.webhook SET \"deletedAt\" = now()");
    addWebhook("/witness");
    addPerson("Bea");
    soon().until(() -> receiver.received("/witness").size() == 1);
    soon().until(() -> pipeline.count("undispatched") == 0);
    assertThat(receiver.received("/made")).hasSize(1);
  }

  @Test
  void what_was_muted_is_shown_with_the_reason_and_a_replay_sends_it() throws SQLException {
    String webhook = addWebhook("/muted");
    twenty.run("SELECT webhooks.mute('upgrade', '%s')".formatted(WORKSPACE));
    addPerson("Cleo");
    twenty.run("SELECT webhooks.unmute('%s')".formatted(WORKSPACE));
    addPerson("Dora");
    soon().until(() -> receiver.received("/muted").size() == 1);
    assertThat(receiver.received("/muted").get(0).text()).contains("\"firstName\":\"Dora\"");

    JsonNode event = pipeline.api().get("/rest/events?limit=2").body().at("/data/1");
    assertThat(event.path("state").asText()).isEqualTo("dropped");
    assertThat(event.path("droppedReason").asText()).isEqualTo("muted: upgrade");
    JsonNode account =
        pipeline
            .api()
            .get("/rest/reconciliation?webhookId=" + webhook + "&since=2024-01-01T00:00:00Z")
            .body();
    assertThat(account.at("/webhooks/0/muted").asInt()).isEqualTo(1);

    pipeline
        .api()
        .post(
            "/rest/replays",
            "{\"webhookId\":\"%s\",\"mode\":\"missing\",\"since\":\"2024-01-01T00:00:00Z\"}"
                .formatted(webhook));
    soon()
        .until(
            () ->
                receiver.received("/muted").stream()
                    .anyMatch(request -> request.text().contains("\"firstName\":\"Cleo\"")));
  }

  @Test
  void in_shadow_nothing_is_sent_and_live_from_a_time_sends_what_was_committed_since()
      throws SQLException {
    twenty.run(SWITCH.formatted("shadow", ""));
    String webhook = addWebhook("/shadow");
    addPerson("Ella");
    soon().until(() -> shadows(webhook) == 1);
    String since = twenty.value("SELECT clock_timestamp()");
    addPerson("Fay");
    soon().until(() -> shadows(webhook) == 2);
    assertThat(receiver.received("/shadow")).isEmpty();

    twenty.run(SWITCH.formatted("live", ", '" + since + "'"));
    addPerson("Gwen");
    soon().until(() -> receiver.received("/shadow").size() == 2);
    assertThat(receiver.received("/shadow"))
        .extracting(TestReceiver.Received::text)
        .anyMatch(body -> body.contains("\"firstName\":\"Fay\""))
        .anyMatch(body -> body.contains("\"firstName\":\"Gwen\""));
    assertThat(shadows(webhook)).isEqualTo(1);
  }

  @Test
  void what_a_transaction_commits_after_its_workspace_went_live_is_sent_whenever_it_was_written()
      throws SQLException {
    twenty.run(SWITCH.formatted("shadow", ""));
    addWebhook("/open");
    addPerson("Hope");
    soon().until(() -> pipeline.count("undispatched") == 0);
    try (Connection open = pipeline.connection();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute(person("Ida"));
      twenty.run(SWITCH.formatted("live", ""));
      open.commit();
      open.setAutoCommit(true);
    }
    soon().until(() -> receiver.received("/open").size() == 1);
    assertThat(receiver.received("/open").get(0).text()).contains("\"firstName\":\"Ida\"");
  }

  private static long shadows(String webhook) {
    return pipeline.count(
        "delivery WHERE error = 'shadow' AND state = 'cancelled' AND body <> '' AND subscription_id = '%s'"
            .formatted(webhook));
  }

  private static String addWebhook(String path) throws SQLException {
    return twenty.addWebhook(receiver.url(path), "secret", "person.*");
  }

  private static void addPerson(String firstName) throws SQLException {
    twenty.run(person(firstName));
  }

  private static String person(String firstName) {
    return "INSERT INTO %s (\"nameFirstName\") VALUES ('%s')"
        .formatted(TwentyFixture.table("person"), firstName);
  }
}
