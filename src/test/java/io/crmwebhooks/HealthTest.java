package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

/** {@code /observe/health} with {@code /live} and {@code /ready}, as probes see them. */
class HealthTest {
  private static final String READY_WITHIN = "webhooks.health.ready-within";
  private static final String LIVE_WITHIN = "webhooks.health.live-within";

  @Test
  void all_is_well_when_claims_succeed() {
    try (PipelineFixture pipeline = new PipelineFixture().start()) {
      for (String path : new String[] {"", "/live", "/ready"}) {
        soon().until(() -> status(pipeline, path) == 200);
      }
      JsonNode ready = body(pipeline, "/ready?exposureLevel=full");
      assertThat(ready.path("status").asText()).isEqualTo("UP");
      assertThat(ready.findValuesAsText("name")).contains("context", "database", "route:beat");
      assertThat(body(pipeline, "/live?exposureLevel=full").findValuesAsText("name"))
          .contains("poll")
          .doesNotContain("database");
    }
  }

  @Test
  void not_ready_while_claims_fail_and_ready_again_after_but_live_all_the_time() {
    try (PipelineFixture pipeline = new PipelineFixture(READY_WITHIN, "1s").start()) {
      soon().until(() -> status(pipeline, "/ready") == 200);
      pipeline.sql("ALTER TABLE webhooks.change_queue RENAME TO hidden");
      soon().until(() -> status(pipeline, "/ready") == 503);
      assertThat(status(pipeline, "")).isEqualTo(503);
      assertThat(status(pipeline, "/live")).isEqualTo(200);
      JsonNode check = body(pipeline, "/ready").path("checks").get(0);
      assertThat(check.path("name").asText()).isEqualTo("database");
      assertThat(check.path("message").asText())
          .matches("no changes claimed for \\d+ s: claims fail with SQL state 42P01");
      pipeline.sql("ALTER TABLE webhooks.hidden RENAME TO change_queue");
      soon().until(() -> status(pipeline, "/ready") == 200);
      assertThat(status(pipeline, "")).isEqualTo(200);
    }
  }

  @Test
  void down_while_the_database_lets_nobody_in_and_up_again_after() {
    try (PipelineFixture pipeline =
        new PipelineFixture(READY_WITHIN, "1s", LIVE_WITHIN, "3s").start()) {
      soon().until(() -> status(pipeline, "") == 200);
      pipeline.lockOut();
      soon().until(() -> status(pipeline, "/ready") == 503);
      // A claim waits for its connection by now, for much longer than this test has set.
      soon().until(() -> status(pipeline, "/live") == 503);
      assertThat(body(pipeline, "/live?exposureLevel=full&stackTrace=true&data=true").toString())
          .contains("the poll stands still")
          .doesNotContain("127.0.0.1", "localhost", "postgres");
      assertThat(pipeline.scrape().value("webhooks_last_claim_age_seconds")).isGreaterThan(0.5);
      pipeline.letIn();
      soon().until(() -> status(pipeline, "") == 200);
      assertThat(status(pipeline, "/live")).isEqualTo(200);
    }
  }

  @Test
  void live_while_all_slots_are_held_by_batches_that_cannot_be_recorded() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline =
            new PipelineFixture(LIVE_WITHIN, "7s", "webhooks.poll.batches", "1").start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.sql("ALTER TABLE webhooks.attempt RENAME TO hidden");
      pipeline.change("person.created", "{}");
      soon().until(() -> !receiver.received().isEmpty());
      pipeline.change("person.created", "{}"); // for the slot of a batch that only waits
      soon()
          .until(
              () -> {
                assertThat(status(pipeline, "/live")).isEqualTo(200);
                return pipeline.scrape().value("webhooks_last_claim_age_seconds") > 9;
              });
      pipeline.sql("ALTER TABLE webhooks.hidden RENAME TO attempt");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 2);
      assertThat(status(pipeline, "/live")).isEqualTo(200);
    }
  }

  private static int status(PipelineFixture pipeline, String path) {
    return pipeline.api().as(null).get("/observe/health" + path).status();
  }

  private static JsonNode body(PipelineFixture pipeline, String path) {
    return pipeline.api().as(null).get("/observe/health" + path).body();
  }
}
