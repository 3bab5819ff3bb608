package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.ApiClient.Reply;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who and what is let in, and what the rest is told. */
class ApiGateTest extends OnePipeline {
  private static void assertProblem(Reply reply, int status) {
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(reply.body().path("status").asInt()).isEqualTo(status);
    assertThat(reply.body().path("title").asText()).isNotBlank();
    assertThat(reply.body().path("detail").asText()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/openapi.json", "/observe/health"})
  void the_contract_and_the_health_need_no_token(String path) {
    assertThat(api.as(null).get(path).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/rest",
        "/rest/",
        "/rest/tokens",
        "/rest/nothing",
        "//rest//tokens",
        "/%72est/tokens"
      })
  void nothing_under_rest_is_open_without_a_token(String path) {
    Reply reply = api.as(null).get(path);
    assertProblem(reply, 401);
    assertThat(reply.header("WWW-Authenticate")).startsWith("Bearer");
  }

  @Test
  void a_wrong_token_is_refused() {
    assertProblem(api.as("crmw_wrong").get("/rest/tokens"), 401);
  }

  @ParameterizedTest
  @CsvSource({"GET,/rest/nothing", "GET,/rest", "GET,/nothing", "POST,/rest/tokens/x/y"})
  void what_does_not_exist_is_not_found(String method, String path) {
    assertProblem(api.call(method, path, null), 404);
  }

  @ParameterizedTest
  @CsvSource({
    "PUT,/rest/tokens,'GET, POST'",
    "GET,/rest/tokens/x,DELETE",
    "OPTIONS,/rest/tokens,'GET, POST'"
  })
  void a_method_that_a_path_has_not_is_named_with_those_it_has(
      String method, String path, String allowed) {
    Reply reply = api.call(method, path, null);
    assertProblem(reply, 405);
    assertThat(reply.header("Allow")).isEqualTo(allowed);
  }

  @Test
  void a_body_must_be_json() {
    assertProblem(api.call("POST", "/rest/tokens", "{}", "Content-Type", "text/plain"), 415);
  }

  @Test
  void a_body_over_a_megabyte_is_refused() {
    assertProblem(api.post("/rest/tokens", "{\"name\":\"" + "x".repeat(1_048_577) + "\"}"), 413);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[]", "\"x\"", "{\"name\":1,\"name\":2}", "{} {}"})
  void a_body_that_is_no_json_object_is_refused(String body) {
    assertProblem(api.post("/rest/tokens", body), 400);
  }

  @Test
  void every_response_tells_browsers_to_be_careful() {
    for (String path :
        new String[] {"/openapi.json", "/rest/tokens", "/nothing", "/observe/health"}) {
      Reply reply = api.get(path);
      assertThat(reply.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
      assertThat(reply.header("Cache-Control")).as(path).isEqualTo("no-store");
      assertThat(reply.header("Content-Security-Policy"))
          .as(path)
          .contains("frame-ancestors 'none'");
      assertThat(reply.raw().headers().map()).doesNotContainKey("access-control-allow-origin");
    }
  }

  @Test
  void nothing_of_the_request_is_echoed() {
    Reply reply = api.call("GET", "/rest/tokens", null, "X-Mine", "mine");
    assertThat(reply.raw().headers().map()).doesNotContainKeys("x-mine", "authorization");
  }

  @Test
  void a_database_that_does_not_answer_in_time_is_said_so() throws SQLException {
    try (PipelineFixture slow =
            new PipelineFixture("webhooks.api.statement-timeout", "200ms").start();
        Connection other = slow.connection();
        Statement lock = other.createStatement()) {
      other.setAutoCommit(false);
      lock.execute("LOCK TABLE webhooks.attempt_minute");
      assertProblem(slow.api().get("/rest/stats"), 503);
      other.rollback();
      assertThat(slow.api().get("/rest/stats").status()).isEqualTo(200);
    }
  }

  private static TestReceiver answeringAfter(CountDownLatch asked, CountDownLatch answer) {
    return TestReceiver.answering(
        (request, exchange) -> {
          asked.countDown();
          try {
            answer.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          TestReceiver.respond(exchange, 200, "");
        });
  }

  @Test
  void more_requests_at_once_than_the_setting_allows_may_come_again() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    try (PipelineFixture narrow = new PipelineFixture("webhooks.api.concurrency", "1").start();
        TestReceiver receiver = answeringAfter(asked, answer)) {
      UUID webhook = narrow.webhook(receiver.url("/"), "never.ever");
      CompletableFuture<Reply> test =
          CompletableFuture.supplyAsync(
              () -> narrow.api().post("/rest/webhooks/" + webhook + "/test", null));
      asked.await();
      Reply refused = narrow.api().get("/rest/webhooks");
      assertProblem(refused, 503);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      soon().until(() -> narrow.api().as(null).get("/observe/health").status() == 200);
      answer.countDown();
      assertThat(test.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
      soon().until(() -> narrow.api().get("/rest/webhooks").status() == 200);
    }
  }

  @Test
  void guesses_do_not_lock_out_a_token_that_was_never_used() throws Exception {
    String token =
        api.post("/rest/tokens", "{\"name\":\"late\",\"role\":\"admin\"}")
            .body()
            .path("token")
            .asText();
    ExecutorService clients = Executors.newFixedThreadPool(20);
    try {
      List<Future<Reply>> wrong =
          Stream.generate(() -> clients.submit(() -> api.as("x").get("/rest/tokens")))
              .limit(100)
              .toList();
      assertThat(api.as(token).get("/rest/tokens").status()).isEqualTo(200);
      assertThat(api.get("/rest/tokens").status()).isEqualTo(200);
      for (Future<Reply> reply : wrong) {
        assertThat(reply.get().status()).isEqualTo(401);
      }
    } finally {
      clients.shutdownNow();
    }
  }

  @Test
  void the_tokens_of_one_workspace_take_no_more_than_half_of_the_places() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    try (PipelineFixture narrow = new PipelineFixture("webhooks.api.concurrency", "2").start();
        TestReceiver receiver = answeringAfter(asked, answer)) {
      UUID webhook = narrow.webhookOf("acme", receiver.url("/"), "", "never.ever");
      ApiClient acme =
          narrow
              .api()
              .as(
                  narrow
                      .api()
                      .post(
                          "/rest/tokens",
                          "{\"name\":\"a\",\"role\":\"operate\",\"workspace\":\"acme\"}")
                      .body()
                      .path("token")
                      .asText());
      CompletableFuture<Reply> test =
          CompletableFuture.supplyAsync(
              () -> acme.post("/rest/webhooks/" + webhook + "/test", null));
      asked.await();
      assertProblem(acme.get("/rest/webhooks"), 503);
      assertThat(narrow.api().get("/rest/webhooks").status()).isEqualTo(200);
      answer.countDown();
      assertThat(test.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
      soon().until(() -> acme.get("/rest/webhooks").status() == 200);
    }
  }
}
