package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** {@code /rest/events} and {@code /rest/stats}. */
class ApiEventsAndStatsTest {
  @Test
  void events_are_found_by_event_record_and_state_and_paged() {
    try (PipelineFixture pipeline = new PipelineFixture().start();
        TestReceiver receiver = TestReceiver.answering(200)) {
      ApiClient api = pipeline.api();
      UUID webhook = pipeline.webhook(receiver.url("/"), "person.created");
      pipeline.changes("person.created", 30);
      pipeline.change("person.deleted", "{\"n\":1}");
      pipeline.sql("INSERT INTO webhooks.change (event, record_id) VALUES ('nothing', 'broken')");
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(api.get("/rest/events?limit=2").body().at("/data/0/state").asText())
          .isEqualTo("parked");
      pipeline.sql(
          "INSERT INTO webhooks.dropped_change SELECT id FROM webhooks.change"
              + " WHERE event = 'person.deleted'");
      assertThat(api.get("/rest/events?event=*.deleted").body().at("/data/0/state").asText())
          .isEqualTo("dropped");
      assertThat(api.get("/rest/events?event=*.deleted").body().path("data")).hasSize(1);
      JsonNode ofRecord = api.get("/rest/events?recordId=7").body().path("data");
      assertThat(ofRecord).hasSize(1);
      JsonNode shown = api.get("/rest/events/" + ofRecord.at("/0/id").asText()).body();
      assertThat(shown.at("/record/n").asInt()).isEqualTo(7);
      assertThat(shown.path("state").asText()).isEqualTo("dispatched");
      assertThat(shown.at("/deliveries/0/webhookId").asText()).isEqualTo(webhook.toString());
      List<Long> seen = new ArrayList<>();
      String cursor = "";
      do {
        JsonNode page = api.get("/rest/events?event=person.*&limit=7&cursor=" + cursor).body();
        page.path("data").forEach(event -> seen.add(event.path("id").asLong()));
        cursor = page.path("nextCursor").isNull() ? null : page.path("nextCursor").asText();
      } while (cursor != null);
      assertThat(seen).hasSize(31).isSortedAccordingTo((a, b) -> Long.compare(b, a));
      for (String id : List.of("0", "999", "x", "1.5", "99999999999999999999")) {
        assertThat(api.get("/rest/events/" + id).status()).as(id).isEqualTo(404);
      }
    }
  }

  @Test
  void stats_count_attempts_by_webhook_and_minute_and_what_is_open() {
    try (PipelineFixture pipeline =
            new PipelineFixture("webhooks.delivery.retry-schedule", "1h").start();
        TestReceiver good = TestReceiver.answering(200);
        TestReceiver bad = TestReceiver.answering(500)) {
      ApiClient api = pipeline.api();
      UUID fine = pipeline.webhook(good.url("/"), "person.*");
      UUID failing = pipeline.webhook(bad.url("/"), "person.created");
      pipeline.changes("person.created", 20);
      soon().until(() -> pipeline.count("delivery") == 40);
      pipeline.awaitRecorded();
      JsonNode stats = api.get("/rest/stats").body();
      assertThat(stats.at("/total/delivered").asInt()).isEqualTo(20);
      assertThat(stats.at("/total/failed").asInt()).isEqualTo(20);
      assertThat(stats.at("/total/pending").asInt()).isEqualTo(20);
      assertThat(stats.at("/total/queued").asInt()).isZero();
      assertThat(stats.at("/webhooks/0/webhookId").asText()).isEqualTo(fine.toString());
      assertThat(stats.at("/webhooks/0/delivered").asInt()).isEqualTo(20);
      assertThat(stats.at("/webhooks/0/oldestPendingAt").isNull()).isTrue();
      assertThat(stats.at("/webhooks/0/durationMs/p50").asInt()).isPositive();
      assertThat(stats.at("/webhooks/1/failed").asInt()).isEqualTo(20);
      assertThat(stats.at("/webhooks/1/oldestPendingAt").asText())
          .isEqualTo(stats.at("/total/oldestPendingAt").asText())
          .endsWith("Z");
      long delivered = 0;
      for (JsonNode minute : stats.path("perMinute")) {
        delivered += minute.path("delivered").asLong();
        assertThat(minute.at("/durationMs/p50").asInt()).isPositive();
      }
      assertThat(delivered).isEqualTo(20);
      assertThat(api.get("/rest/stats?minutes=1440&webhookId=" + failing).body().path("webhooks"))
          .hasSize(1);
      assertThat(api.get("/rest/stats?minutes=1441").status()).isEqualTo(400);
      assertThat(api.get("/rest/stats?webhookId=" + UUID.randomUUID()).status()).isEqualTo(404);
      assertThat(
              pipeline.count(
                  "attempt_minute WHERE delivered + failed <> (SELECT sum(n) FROM unnest(durations) n)"))
          .isZero();
    }
  }
}
