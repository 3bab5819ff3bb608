package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.TestReceiver.Received;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The effects of receivers on an attempt. */
class AttemptTest {
  private static final String TIMEOUT = "webhooks.delivery.timeout";

  @Test
  void a_redirect_is_a_failure_and_not_followed() {
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  exchange.getResponseHeaders().add("Location", "/elsewhere");
                  respond(exchange, 307, "");
                });
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == 1);
      assertThat(receiver.received()).extracting(Received::path).containsExactly("/");
      assertThat((String) pipeline.value("SELECT error FROM webhooks.attempt"))
          .contains("307")
          .contains("redirect");
    }
  }

  @Test
  void a_response_that_trickles_in_for_ever_is_cut_at_the_deadline_and_stays_what_it_is() {
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  exchange.sendResponseHeaders(200, 0);
                  CountDownLatch never = new CountDownLatch(1);
                  try {
                    while (!never.await(50, TimeUnit.MILLISECONDS)) {
                      exchange.getResponseBody().write('x');
                      exchange.getResponseBody().flush();
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        PipelineFixture pipeline = new PipelineFixture(TIMEOUT, "700ms").start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      Map<String, Object> delivery =
          pipeline.sql("SELECT attempts, status, duration_ms FROM webhooks.delivery").get(0);
      assertThat(delivery).containsEntry("attempts", 1).containsEntry("status", 200);
      assertThat((Integer) delivery.get("duration_ms")).isBetween(690, 3000);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000_000_000}) // in chunks, and with its length
  void an_endless_response_is_cut_and_a_success_all_the_same(long length) {
    byte[] block = new byte[62_500];
    AtomicInteger blocks = new AtomicInteger();
    CountDownLatch hungUp = new CountDownLatch(1);
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> {
                  exchange.getResponseHeaders().add("Content-Encoding", "gzip");
                  exchange.getResponseHeaders().add("Content-Type", "text/plain; charset=nonsense");
                  exchange.sendResponseHeaders(200, length);
                  try {
                    while (blocks.incrementAndGet() <= 16_000) {
                      exchange.getResponseBody().write(block);
                    }
                  } finally {
                    hungUp.countDown();
                  }
                });
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      assertThat(pipeline.sql("SELECT attempts, status, error FROM webhooks.delivery").get(0))
          .containsEntry("attempts", 1)
          .containsEntry("status", 200)
          .containsEntry("error", null);
      soon().until(() -> hungUp.getCount() == 0);
      assertThat(blocks.get()).as("blocks of a gigabyte that were taken").isLessThan(1000);
    }
  }

  @Test
  void keeps_at_most_two_kilobytes_of_a_response() {
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) -> respond(exchange, 500, "ü".repeat(50_000)));
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == 1);
      assertThat((String) pipeline.value("SELECT response FROM webhooks.attempt"))
          .isEqualTo("ü".repeat(1024));
    }
  }

  @Test
  void says_in_words_that_nobody_listens() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    try (PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook("http://127.0.0.1:" + port + "/");
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("attempt") == 1);
      assertThat((String) pipeline.value("SELECT error FROM webhooks.attempt"))
          .startsWith("the connection was refused");
    }
  }

  @OnBothEngines
  void a_silent_webhook_holds_up_no_other_one_and_its_attempts_are_bounded() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger waiting = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (TestReceiver silent =
            TestReceiver.answering(
                (request, exchange) -> {
                  most.accumulateAndGet(waiting.incrementAndGet(), Math::max);
                  try {
                    never.await(40, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        TestReceiver healthy = TestReceiver.answering(200);
        PipelineFixture pipeline =
            new PipelineFixture(
                    TIMEOUT,
                    "30s",
                    "webhooks.shutdown.timeout",
                    "1s",
                    "webhooks.delivery.concurrency",
                    "8",
                    "webhooks.poll.batch-size",
                    "100")
                .start()) {
      pipeline.webhook(silent.url("/"));
      pipeline.webhook(healthy.url("/"));
      pipeline.changes("person.created", 600);
      soon().atMost(25, TimeUnit.SECONDS).until(() -> healthy.received().size() == 600);
      soon().until(() -> pipeline.count("delivery WHERE state = 'pending'") == 600);
      soon().until(() -> pipeline.count("undispatched") == 0);
      // its concurrency, and the most that a claim takes while batches take places
      assertThat(most.get()).isBetween(1, 15);
    }
  }
}
