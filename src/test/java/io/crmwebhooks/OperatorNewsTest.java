package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The news for operators, as the route that tells them logs it. */
class OperatorNewsTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.crmwebhooks.news");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
  }

  @Test
  void a_storm_of_dead_deliveries_is_told_once_a_webhook_and_counted() {
    try (PipelineFixture pipeline =
            new PipelineFixture(
                    "webhooks.delivery.retry-schedule", "1h", "webhooks.endpoint.failures", "0")
                .start();
        TestReceiver bad = TestReceiver.answering(500)) {
      UUID webhook = pipeline.webhook(bad.url("/"));
      pipeline.changes("person.created", 50);
      soon().until(() -> pipeline.count("delivery WHERE attempts = 1") == 50);
      pipeline.sql("UPDATE webhooks.delivery SET due_at = now()");
      soon().until(() -> pipeline.count("delivery WHERE state = 'dead'") == 50);
      soon().until(() -> !told("delivery.dead").isEmpty());
      assertThat(told("delivery.dead"))
          .singleElement()
          .asString()
          .contains("webhook=" + webhook, "(person.created) after 2 attempts: HTTP 500");
      Scrape scrape = pipeline.scrape();
      assertThat(scrape.value(news("delivery.dead", "told"))).isEqualTo(1);
      assertThat(scrape.value(news("delivery.dead", "left_out"))).isEqualTo(49);
    }
  }

  @Test
  void a_parked_change_is_told_with_its_reason() {
    try (PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.sql("INSERT INTO webhooks.change (event, record) VALUES ('nonsense', '{}')");
      soon().until(() -> !told("change.parked").isEmpty());
      assertThat(told("change.parked"))
          .singleElement()
          .asString()
          .contains("webhook=- reason=\"change 1 (nonsense): ");
    }
  }

  @Test
  void capture_that_is_off_and_what_it_lost_are_told_once_and_shown() {
    try (PipelineFixture pipeline =
        new PipelineFixture(
                "webhooks.housekeeping.interval", "100ms", "webhooks.metrics.period", "100ms")
            .start()) {
      pipeline.sql("CREATE TABLE person (id int PRIMARY KEY)");
      pipeline.sql("SELECT webhooks.capture('person', 'person')");
      pipeline.sql("ALTER TABLE person DISABLE TRIGGER webhooks_capture_update");
      pipeline.sql(
          "INSERT INTO webhooks.lost_change (relation, operation, changes, reason)"
              + " VALUES ('public.person', 'DELETE', 7, 'oh')");
      soon().until(() -> told("capture.off").size() == 1 && told("capture.lost").size() == 1);
      assertThat(told("capture.off").get(0)).contains("disabled: webhooks_capture_update");
      assertThat(told("capture.lost").get(0))
          .contains("7 changes of public.person could not be captured: oh");
      soon().until(() -> pipeline.scrape().value("webhooks_capture_problems") == 1);
      assertThat(pipeline.scrape().value("webhooks_changes_lost")).isEqualTo(7);
      assertThat(
              pipeline.api().as(null).get("/observe/health?exposureLevel=full").body().toString())
          .contains("not all changes are captured");
      pipeline.sql("ALTER TABLE person ENABLE TRIGGER webhooks_capture_update");
      soon().until(() -> pipeline.scrape().value("webhooks_capture_problems") == 0);
      assertThat(told("capture.off")).hasSize(1);
    }
  }

  @Test
  void a_webhook_that_is_gone_is_told_once_however_many_deliveries_say_so() {
    try (PipelineFixture pipeline = new PipelineFixture().start();
        TestReceiver gone = TestReceiver.answering(410)) {
      UUID webhook = pipeline.webhook(gone.url("/"));
      pipeline.changes("person.created", 20);
      soon().until(() -> pipeline.count("undispatched") == 0);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 0);
      soon().until(() -> !told("webhook.disabled").isEmpty());
      assertThat(told("webhook.disabled"))
          .singleElement()
          .asString()
          .contains("webhook=" + webhook + " reason=\"the receiver answered HTTP 410 (Gone)");
    }
  }

  @Test
  void a_webhook_that_somebody_disables_is_told_with_whose_token_it_was() {
    try (PipelineFixture pipeline = new PipelineFixture().start()) {
      UUID webhook = pipeline.webhook("http://127.0.0.1:8079/");
      pipeline.api().post("/rest/webhooks/" + webhook + "/disable", null);
      pipeline.api().patch("/rest/webhooks/" + webhook, "{\"enabled\":true}");
      pipeline.api().patch("/rest/webhooks/" + webhook, "{\"description\":\"fine\"}");
      pipeline.api().patch("/rest/webhooks/" + webhook, "{\"enabled\":false}");
      soon().until(() -> told("webhook.disabled").size() == 2);
      assertThat(told("webhook.disabled"))
          .allMatch(line -> line.contains("webhook=" + webhook + " reason=\"by the API, token "));
    }
  }

  @Test
  void a_pause_and_the_recovery_from_it_are_told_once_each() {
    AtomicBoolean well = new AtomicBoolean();
    try (PipelineFixture pipeline =
            new PipelineFixture(
                    "webhooks.delivery.retry-schedule",
                    "10ms,10ms,10ms,10ms,10ms,1h",
                    "webhooks.endpoint.failures",
                    "2",
                    "webhooks.endpoint.first-pause",
                    "10ms")
                .start();
        TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) ->
                    TestReceiver.respond(exchange, well.get() ? 200 : 500, ""))) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("endpoint WHERE pauses > 2") == 1);
      well.set(true);
      soon().until(() -> !told("webhook.recovered").isEmpty());
      assertThat(told("webhook.paused"))
          .singleElement()
          .asString()
          .contains("webhook=" + webhook + " reason=\"HTTP 500; what is pending waits");
      assertThat(told("webhook.recovered"))
          .singleElement()
          .asString()
          .contains("webhook=" + webhook, "the first since 20");
    }
  }

  private List<String> told(String event) {
    return List.copyOf(log.list).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.startsWith(event + " "))
        .toList();
  }

  private static String news(String event, String outcome) {
    return "webhooks_news_total{event=\"%s\",outcome=\"%s\"}".formatted(event, outcome);
  }
}
