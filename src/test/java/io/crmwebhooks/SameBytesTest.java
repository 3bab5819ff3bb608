package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestReceiver.Received;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A delivery sends the same bytes in all attempts, whatever has changed between them. */
class SameBytesTest {
  @TempDir private Path folder;

  private final AtomicInteger status = new AtomicInteger(500);

  private TestReceiver receiver() {
    return TestReceiver.answering(
        (request, exchange) -> TestReceiver.respond(exchange, status.get(), ""));
  }

  private PipelineFixture pipeline(String engine, EditedRoutes routes) {
    return PipelineFixture.on(engine, routes, "webhooks.delivery.retry-schedule", "1h");
  }

  /** Another program may have been installed meanwhile: it would render another text. */
  private void editAndRetry(PipelineFixture pipeline, EditedRoutes routes) throws IOException {
    soon().until(() -> pipeline.count("delivery WHERE attempts = 1") == 1);
    pipeline.stop();
    routes.customise(
        """
        - script:
            expression:
              simple:
                expression: "${body.record.put('edited', true)}"
        """);
    pipeline.sql("UPDATE webhooks.change SET record = '{\"n\":2}', occurred_at = now()");
    pipeline.sql("UPDATE webhooks.delivery SET due_at = now()");
    status.set(200);
    pipeline.start();
    soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
  }

  private static void sentTwice(TestReceiver receiver) {
    assertThat(receiver.received()).hasSize(2).extracting(Received::id).containsOnly(id(receiver));
    assertThat(receiver.received().get(1).text())
        .isEqualTo(receiver.received().get(0).text())
        .contains("\"n\":1");
  }

  private static String id(TestReceiver receiver) {
    return receiver.received().get(0).id();
  }

  @ParameterizedTest
  @CsvSource({
    "none, postgresql",
    "record, postgresql", // pending before its first attempt
    "none, kafka"
  })
  void a_retry_sends_what_the_first_attempt_sent_over_an_edited_route(
      String ordering, String engine) throws IOException {
    EditedRoutes routes = EditedRoutes.in(folder);
    try (TestReceiver receiver = receiver();
        PipelineFixture pipeline = pipeline(engine, routes)) {
      pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET ordering = ?", ordering);
      pipeline.start();
      pipeline.change("person.created", "{\"n\":1}");
      editAndRetry(pipeline, routes);
      sentTwice(receiver);
    }
  }

  @Test
  void what_is_accepted_at_once_is_not_kept() {
    status.set(200);
    try (TestReceiver receiver = receiver();
        PipelineFixture pipeline = new PipelineFixture()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.start();
      pipeline.change("person.created", "{\"n\":1}");
      soon().until(() -> pipeline.count("delivery WHERE attempts = 1 AND body IS NULL") == 1);
    }
  }
}
