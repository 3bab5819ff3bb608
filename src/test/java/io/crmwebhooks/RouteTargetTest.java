package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.SECRET;
import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.standardwebhooks.Webhook;
import io.crmwebhooks.ApiClient.Reply;
import io.crmwebhooks.OwnRoute.Taken;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.settings.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks to {@code route:NAME}: the user's own route in place of HTTP. */
class RouteTargetTest {
  private static final String SCHEDULE = "webhooks.delivery.retry-schedule";

  @TempDir private static Path folder;
  private static EditedRoutes routes;
  private static PipelineFixture pipeline;

  @BeforeAll
  static void start() throws IOException {
    routes = routes(folder);
    pipeline = new PipelineFixture(routes, SCHEDULE, "100ms,100ms,100ms,10m").start();
  }

  @AfterAll
  static void stop() {
    pipeline.close();
  }

  @AfterEach
  void forget() {
    pipeline.sql("UPDATE webhooks.subscription SET enabled = false");
    OwnRoute.forget();
  }

  private static EditedRoutes routes(Path folder) throws IOException {
    EditedRoutes routes = EditedRoutes.in(folder);
    OwnRoute.add(routes, "Own", "");
    OwnRoute.add(routes, "stop", "- stop: {}\n");
    OwnRoute.add(routes, "marks", "- rollback: {markRollbackOnly: true}\n");
    OwnRoute.add(
        routes,
        "threads",
        """
        - threads: {poolSize: 1, maxPoolSize: 1}
        - throwException: {exceptionType: java.lang.IllegalStateException, message: elsewhere}
        """);
    return routes;
  }

  private static UUID lead(PipelineFixture pipeline, String name, String event) {
    UUID id = pipeline.webhook("http://127.0.0.1:1025/", event);
    pipeline.sql(
        "UPDATE webhooks.subscription SET target_url = 'route:' || ? WHERE id = ?", name, id);
    return id;
  }

  private static UUID lead(String name, String event) {
    return lead(pipeline, name, event);
  }

  private static Map<String, Object> delivery(UUID webhook) {
    return pipeline
        .sql(
            "SELECT id, state, attempts, status, error FROM webhooks.delivery WHERE subscription_id = ?",
            webhook)
        .get(0);
  }

  private static void awaitState(UUID webhook, String state) {
    pipeline.awaitDeliveries(webhook.toString(), state, 1);
  }

  private static List<Object> errors(UUID webhook) {
    return pipeline
        .sql(
            "SELECT a.error FROM webhooks.attempt a JOIN webhooks.delivery d ON d.id = a.delivery_id"
                + " WHERE subscription_id = ? ORDER BY number",
            webhook)
        .stream()
        .map(row -> row.get("error"))
        .toList();
  }

  @Test
  void a_route_is_given_the_bytes_and_the_headers_that_HTTP_has() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      UUID led = lead("Own", "same.updated");
      for (UUID webhook : List.of(led, pipeline.webhook(receiver.url("/"), "same.updated"))) {
        pipeline.api().patch("/rest/webhooks/" + webhook, "{\"headers\":{\"X-Own\":\"geheim\"}}");
      }
      pipeline.change("same.updated", "{\"city\":\"Köln €\"}");
      awaitState(led, "delivered");
      soon().until(() -> receiver.received().size() == 1);
      Received sent = receiver.received().get(0);
      Taken taken = OwnRoute.taken("Own").get(0);
      assertThat(taken.body()).isEqualTo(sent.body());
      Map<String, String> headers = new HashMap<>();
      taken.headers().forEach((name, value) -> headers.put(name.toLowerCase(), (String) value));
      Set<String> ofHttp = new TreeSet<>(sent.headers().keySet());
      ofHttp.removeAll(Set.of("host", "accept", "content-length", "connection"));
      assertThat(headers.keySet()).isEqualTo(ofHttp);
      assertThat(headers)
          .containsEntry("x-own", "geheim")
          .containsEntry("content-type", sent.headers().get("content-type"))
          .containsEntry("user-agent", sent.headers().get("user-agent"))
          .containsEntry(
              "webhook-signature",
              new Webhook(SECRET)
                  .sign(
                      taken.id(),
                      Long.parseLong(headers.get("webhook-timestamp")),
                      new String(taken.body(), StandardCharsets.UTF_8)));
      assertThat(delivery(led))
          .containsEntry("id", taken.id())
          .containsEntry("attempts", 1)
          .containsEntry("status", null);
      assertThat(taken.variables()).containsOnlyKeys("change", "webhook");
      Change change = (Change) taken.variables().get("change");
      assertThat(change.getRecordId()).isEqualTo("r1");
      assertThat(change.getUpdatedFields()).isEmpty();
      assertThatThrownBy(change::getRecord).hasMessage("the record is not here; read the body");
      assertThat(taken.variables().get("webhook")).hasFieldOrPropertyWithValue("id", led);
    }
  }

  @Test
  void whatever_a_route_does_to_its_message_changes_nothing_of_ours() {
    OwnRoute.will(
        "Own",
        exchange -> {
          byte[] body = (byte[]) exchange.getMessage().getBody();
          Arrays.fill(body, (byte) 'x');
          exchange.getMessage().setBody(null);
          exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 410);
          for (String property : List.of("delivery", "batch", "slot", "endpointFinding")) {
            assertThat(exchange.getProperties()).doesNotContainKey(property);
            exchange.setProperty(property, "x");
          }
          if (OwnRoute.taken("Own").size() == 1) {
            throw new HttpOperationFailedException("http://x/", 410, "gone", null, null, "geheim");
          }
        });
    UUID led = lead("Own", "spoilt.created");
    pipeline.change("spoilt.created", "{\"a\":1}");
    awaitState(led, "delivered");
    assertThat(errors(led)).hasSize(2);
    assertThat((String) errors(led).get(0))
        .startsWith("route target-Own, step step-Own (")
        .contains("custom/own-Own.camel.yaml:9): HTTP 410");
    assertThat(pipeline.sql("SELECT enabled FROM webhooks.subscription WHERE id = ?", led))
        .containsExactly(Map.of("enabled", true));
    assertThat(delivery(led)).containsEntry("attempts", 2).containsEntry("status", null);
    assertThat(pipeline.count("attempt WHERE status IS NOT NULL OR response IS NOT NULL")).isZero();
    String id = (String) delivery(led).get("id");
    JsonNode shown = pipeline.api().get("/rest/deliveries/" + id).body();
    assertThat(shown.path("body").asText()).contains("\"a\":1");
    assertThat(shown.path("targetUrl").asText()).isEqualTo("route:Own");
  }

  @Test
  void a_stop_is_a_success_and_a_mark_of_rollback_or_an_error_on_another_thread_a_failure() {
    Map<String, UUID> led = new HashMap<>();
    for (String name : List.of("stop", "marks", "threads")) {
      led.put(name, lead(name, name + ".created"));
      pipeline.change(name + ".created", "{}");
    }
    awaitState(led.get("stop"), "delivered");
    soon().until(() -> errors(led.get("marks")).size() == 4);
    assertThat(errors(led.get("marks"))).containsOnly("the route target-marks is rolled back");
    soon().until(() -> errors(led.get("threads")).size() == 4);
    assertThat((String) errors(led.get("threads")).get(3))
        .startsWith("route target-threads, step ")
        .endsWith("IllegalStateException: elsewhere");
  }

  @Test
  void an_attempt_ends_at_its_deadline_and_no_more_calls_hang_than_the_concurrency() {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger later = new AtomicInteger();
    OwnRoute.will(
        "Own",
        exchange -> {
          inside.incrementAndGet();
          boolean ended = false;
          while (!ended) {
            try {
              end.await();
              ended = true;
            } catch (InterruptedException e) {
              later.incrementAndGet(); // one that does not heed it
            }
          }
          inside.decrementAndGet();
        });
    UUID led = lead("Own", "hang.created");
    pipeline.sql(
        "UPDATE webhooks.subscription SET timeout = '200ms', concurrency = 2 WHERE id = ?", led);
    pipeline.changes("hang.created", 6);
    try {
      String hang =
          "2 calls of the route target-Own hang, as many as the concurrency of the webhook; the next is made when one ends";
      soon().until(() -> errors(led).stream().filter(hang::equals).count() >= 4);
      assertThat(inside).hasValue(2);
      assertThat(later).as("interrupted at the deadline").hasValue(2);
      assertThat(errors(led).stream().filter(error -> !hang.equals(error)).distinct())
          .singleElement()
          .asString()
          .startsWith("timeout after 200 ms in route target-Own, step step-Own (");
    } finally {
      end.countDown();
    }
    soon().until(() -> inside.get() == 0);
    pipeline.api().post("/rest/webhooks/" + led + "/resume", "");
    soon()
        .until(
            () ->
                pipeline.count(
                        "delivery WHERE state = 'delivered' AND subscription_id = '%s'"
                            .formatted(led))
                    == 6);
  }

  @Test
  void a_test_calls_the_route_and_shows_what_it_was_given() {
    UUID led = lead("Own", "*.*");
    pipeline.api().patch("/rest/webhooks/" + led, "{\"headers\":{\"X-Own\":\"geheim\"}}");
    JsonNode result = pipeline.api().post("/rest/webhooks/" + led + "/test", "").body();
    assertThat(result.path("delivered").asBoolean()).isTrue();
    assertThat(result.path("response").isNull()).isTrue();
    assertThat(result.at("/request/method").asText()).isEqualTo("CALL");
    assertThat(result.at("/request/url").asText()).isEqualTo("route:Own");
    assertThat(result.at("/request/headers/X-Own").asText()).isEqualTo("(hidden)");
    assertThat(result.at("/request/headers/webhook-id").asText())
        .isEqualTo(OwnRoute.taken("Own").get(0).id());
    OwnRoute.will(
        "Own",
        exchange -> {
          throw new IOException("no room");
        });
    result = pipeline.api().post("/rest/webhooks/" + led + "/test", "").body();
    assertThat(result.path("error").asText()).endsWith(": IOException: no room");
  }

  @Test
  void a_command_on_the_database_knows_the_routes_of_the_files_and_calls_them() {
    Cli cli = Cli.on(pipeline.databaseUrl());
    for (Map.Entry<String, String> setting : routes.settings().entrySet()) {
      String variable = setting.getKey().toUpperCase(Locale.ROOT).replace('.', '_');
      cli = cli.with(variable, setting.getValue());
    }
    assertThat(cli.run("webhook", "add", "route:none").err())
        .contains("targetUrl names no route: none has the id target-none");
    String id =
        cli.run("webhook", "add", "route:Own", "-o", "cli.*", "--json").json().path("id").asText();
    Cli.Ran test = cli.run("send-test", id);
    assertThat(test.code()).as(test.toString()).isZero();
    assertThat(test.out()).startsWith("CALL route:Own").contains("accepted, after ");
    assertThat(OwnRoute.taken("Own")).hasSize(1);
  }

  private static ApiClient ofWorkspace(String workspace) {
    Reply made =
        pipeline
            .api()
            .post(
                "/rest/tokens",
                "{\"name\":\"%s\",\"role\":\"admin\",\"workspace\":\"%s\"}"
                    .formatted(UUID.randomUUID(), workspace));
    return pipeline.api().as(made.body().path("token").asText());
  }

  private static final String NEXT = "; a new file in routes/custom/ counts from the next start";

  private static String noRoute(String name) {
    return "targetUrl names no route: none has the id target-" + name + NEXT;
  }

  @Test
  void only_a_token_of_no_workspace_leads_a_webhook_to_a_route_and_only_to_one_that_there_is() {
    ApiClient api = pipeline.api();
    ApiClient acme = ofWorkspace("acme");
    String notYou = "targetUrl may be a route only with a token that is bound to no workspace";
    String made = "{\"targetUrl\":\"route:%s\",\"workspace\":\"acme\"}";
    for (String name : List.of("own", "OWN", "none", "customise-change")) {
      assertThat(api.post("/rest/webhooks", made.formatted(name)).errors())
          .containsExactly(noRoute(name));
      assertThat(acme.post("/rest/webhooks", made.formatted(name)).errors())
          .containsExactly(notYou);
    }
    for (String name : List.of("", "a_b", "../x", "own?a=b", "//own", "x".repeat(101))) {
      assertThat(api.post("/rest/webhooks", made.formatted(name)).errors())
          .containsExactly(
              "targetUrl behind route: must stand 1 to 100 letters, digits and dashes");
    }
    assertThat(api.post("/rest/webhooks", made.formatted("Own")).status()).isEqualTo(201);
    assertThat(api.post("/rest/webhooks", made.formatted("Own")).status()).isEqualTo(409);
    String led =
        api.post("/rest/webhooks", made.formatted("stop")).header("Location"); // another target
    assertThat(acme.patch(led, "{\"targetUrl\":\"route:Own\"}").errors()).containsExactly(notYou);
    assertThat(acme.patch(led, "{\"headers\":{\"kafka.OVERRIDE_TOPIC\":\"x\"}}").errors())
        .containsExactly(
            "headers of a route may be set only with a token that is bound to no workspace");
    assertThat(acme.patch(led, "{\"targetUrl\":\"route:stop\",\"description\":\"d\"}").status())
        .as("what stays as it was")
        .isEqualTo(200);
    assertThat(api.patch(led, "{\"targetUrl\":\"route:none\"}").errors())
        .containsExactly(noRoute("none"));
    assertThat(api.patch(led, "{\"tlsIdentity\":\"acme\"}").errors())
        .containsExactly("tlsIdentity is for http:// and https://, not for a route");
    String oauth2 =
        "{\"oauth2\":{\"tokenUrl\":\"https://t.example/\",\"clientId\":\"a\",\"clientSecret\":\"b\"}}";
    assertThat(api.patch(led, oauth2).errors())
        .containsExactly("oauth2 is for http:// and https://, not for a route");
    assertThat(acme.patch(led, "{\"targetUrl\":\"http://127.0.0.1:1025/\"}").status())
        .isEqualTo(200);
    assertThat(acme.patch(led, "{\"targetUrl\":\"route:stop\"}").errors()).containsExactly(notYou);
    String file =
        "{\"file\":\"f.yaml\",\"webhooks\":[{\"name\":\"n\",\"secret\":\"\",\"targetUrl\":\"route:%s\",\"workspace\":\"acme\",\"operations\":[\"f.f\"]}]}";
    for (String path : List.of("/rest/config/plan", "/rest/config/apply")) {
      assertThat(api.post(path, file.formatted("none")).errors())
          .containsExactly("webhooks[0]." + noRoute("none"));
      assertThat(acme.post(path, file.formatted("Own")).errors())
          .containsExactly("webhooks[0]." + notYou);
    }
    assertThat(api.post("/rest/config/apply", file.formatted("Own")).status()).isEqualTo(200);
  }

  @Test
  void a_name_written_past_the_API_fails_its_attempts_and_nothing_else() {
    UUID odd = lead("a_b", "odd.created");
    UUID none = lead("gone", "odd.created");
    UUID own = lead("Own", "odd.created");
    pipeline.change("odd.created", "{}");
    awaitState(own, "delivered");
    soon().until(() -> errors(odd).size() == 4 && errors(none).size() == 4);
    assertThat((String) errors(odd).get(0))
        .isEqualTo(
            "webhook %s cannot be sent: target URL: behind route: must stand 1 to 100 letters, digits and dashes"
                .formatted(odd));
    assertThat(errors(none)).containsOnly("there is no route target-gone" + NEXT);
    pipeline.sql("UPDATE webhooks.subscription SET enabled = false WHERE id = ?", none);
    for (String path : List.of("/enable", "/resume")) {
      assertThat(pipeline.api().post("/rest/webhooks/" + none + path, "").errors())
          .containsExactly(noRoute("gone"));
    }
    pipeline.sql("UPDATE webhooks.subscription SET enabled = true WHERE id = ?", none);
    assertThatThrownBy(() -> pipeline.startAnother().close())
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(
            "webhook %s leads to route:gone, and routes/custom/ has no route target-gone"
                .formatted(none))
        .hasMessageNotContaining(odd.toString());
  }

  @OnBothEngines
  void order_breaker_dead_letter_redelivery_replay_and_reconciliation_hold(@TempDir Path own)
      throws Exception {
    AtomicBoolean full = new AtomicBoolean(true);
    List<String> written = new CopyOnWriteArrayList<>();
    OwnRoute.will(
        "Own",
        exchange -> {
          if (full.get()) {
            throw new IOException("no room");
          }
          written.add(exchange.getMessage().getHeader("webhook-id", String.class));
        });
    try (PipelineFixture other =
        new PipelineFixture(
                routes(own),
                SCHEDULE,
                "100ms",
                "webhooks.endpoint.failures",
                "4",
                "webhooks.endpoint.first-pause",
                "300ms",
                "webhooks.endpoint.longest-pause",
                "300ms")
            .start()) {
      UUID led = lead(other, "Own", "*.*");
      other.sql(
          "UPDATE webhooks.subscription SET ordering = 'record', on_dead = 'hold' WHERE id = ?",
          led);
      for (int i = 0; i < 3; i++) {
        other.change("person.updated", "{\"n\":%d}".formatted(i));
      }
      soon().until(() -> other.count("delivery WHERE state = 'dead'") == 1);
      soon().until(() -> other.count("endpoint WHERE paused_until IS NOT NULL") == 1);
      assertThat(other.count("delivery WHERE state = 'pending' AND attempts = 0")).isEqualTo(2);
      full.set(false);
      Object dead = other.value("SELECT id FROM webhooks.delivery WHERE state = 'dead'");
      assertThat(other.api().post("/rest/deliveries/" + dead + "/redeliver", "").status())
          .isEqualTo(202);
      soon().until(() -> other.count("delivery WHERE state = 'delivered'") == 3);
      assertThat(written)
          .isEqualTo(
              other.sql("SELECT id FROM webhooks.delivery ORDER BY change_id").stream()
                  .map(row -> row.get("id"))
                  .toList());
      soon().until(() -> other.count("endpoint WHERE paused_until IS NOT NULL") == 0);
      String since = "2024-01-01T00:00:00Z";
      Reply replay =
          other
              .api()
              .post(
                  "/rest/replays",
                  "{\"webhookId\":\"%s\",\"mode\":\"all\",\"since\":\"%s\"}".formatted(led, since));
      assertThat(replay.status()).isEqualTo(201);
      soon().until(() -> written.size() == 6);
      assertThat(OwnRoute.taken("Own").stream().map(Taken::headers))
          .filteredOn(headers -> "true".equals(headers.get("X-Webhook-Replay")))
          .hasSize(3);
      soon().until(() -> other.count("delivery WHERE state = 'pending'") == 0);
      JsonNode account =
          other
              .api()
              .get("/rest/reconciliation?since=%s&webhookId=%s".formatted(since, led))
              .body()
              .at("/webhooks/0");
      assertThat(account.path("targetUrl").asText()).isEqualTo("route:Own");
      assertThat(account.path("gap").asInt()).isZero();
      assertThat(account.path("matched").asInt()).isEqualTo(3);
    }
  }
}
