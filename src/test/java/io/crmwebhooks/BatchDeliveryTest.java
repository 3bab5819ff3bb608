package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.http.WebhookSigner;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Several events in one POST; one pipeline serves a webhook for each part of it. */
class BatchDeliveryTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> ALL =
      List.of("/plain", "/zipped", "/large", "/once", "/events", "/custom", "/waits");

  private final Set<String> refusedOnce = ConcurrentHashMap.newKeySet();

  /** By their paths: too large, each POST once in vain, and well. */
  private void answer(Received request, HttpExchange exchange) throws IOException {
    int status =
        switch (request.path()) {
          case "/large" -> elements(request).size() > 2 ? 413 : 200;
          case "/once" -> refusedOnce.add(request.id()) ? 500 : 200;
          default -> 200;
        };
    respond(exchange, status, "");
  }

  @OnBothEngines
  void several_events_go_out_in_one_post_and_each_is_a_delivery_of_its_own() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(this::answer);
        PipelineFixture pipeline =
            new PipelineFixture("webhooks.delivery.retry-schedule", "100ms,100ms,1h")) {
      batching(pipeline, receiver.url("/plain"), "person.*", 4, "");
      batching(pipeline, receiver.url("/zipped"), "person.*", 1000, ", compress = 'gzip'");
      batching(pipeline, receiver.url("/large"), "person.*", 8, "");
      batching(pipeline, receiver.url("/once"), "person.*", 5, "");
      batching(pipeline, receiver.url("/events"), "person.*", 8, ", format = 'cloudevents'");
      batching(
          pipeline,
          receiver.url("/custom"),
          "person.*",
          8,
          ", format = 'custom', body = '{id: .record.id, n: .record.n}'");
      batching(pipeline, receiver.url("/waits"), "person.*", 1000, ", batch_wait = '2s'");
      pipeline.start();
      pipeline.changes("person.created", 10);
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 70);

      assertThat(sizes(receiver, "/plain")).allMatch(size -> size <= 4);
      assertThat(sizes(receiver, "/large")).contains(2).allMatch(size -> size <= 8);
      for (String path : ALL) {
        assertThat(ids(receiver, path))
            .as(path)
            .isEqualTo(
                new HashSet<>(
                    pipeline
                        .sql(
                            "SELECT d.id FROM webhooks.delivery d JOIN webhooks.subscription s ON s.id = d.subscription_id WHERE s.target_url = ?",
                            receiver.url(path))
                        .stream()
                        .map(row -> row.get("id"))
                        .toList()));
      }
      assertThat(of(receiver, "/waits")).hasSizeLessThan(4);
      assertThat(of(receiver, "/events"))
          .allMatch(
              request ->
                  request
                      .headers()
                      .get("content-type")
                      .equals("application/cloudevents-batch+json"));
      assertThat(of(receiver, "/zipped"))
          .allMatch(request -> "gzip".equals(request.headers().get("content-encoding")));
      for (Received request : receiver.received()) {
        assertThat(request.id()).startsWith("msg_").doesNotContain(".");
        assertThat(request.headers().get("webhook-signature"))
            .isEqualTo(
                new WebhookSigner(PipelineFixture.SECRET)
                    .standard(
                        request.id(),
                        Long.parseLong(request.headers().get("webhook-timestamp")),
                        request.body()));
      }
      assertRepeated(receiver);
    }
  }

  /** A failed POST is made again with the same id, members and bytes. */
  private static void assertRepeated(TestReceiver receiver) {
    Map<String, List<Received>> byId =
        of(receiver, "/once").stream().collect(Collectors.groupingBy(Received::id));
    assertThat(byId.values())
        .allSatisfy(
            same -> {
              assertThat(same).hasSize(2);
              assertThat(same.get(0).body()).isEqualTo(same.get(1).body());
            });
  }

  private static void batching(
      PipelineFixture pipeline, String url, String events, int size, String more) {
    pipeline.sql(
        "UPDATE webhooks.subscription SET batch_size = %d%s WHERE id = ?".formatted(size, more),
        pipeline.webhook(url, events));
  }

  private static List<Received> of(TestReceiver receiver, String path) {
    return receiver.received().stream().filter(request -> request.path().equals(path)).toList();
  }

  private static List<Integer> sizes(TestReceiver receiver, String path) {
    return of(receiver, path).stream().map(request -> elements(request).size()).toList();
  }

  private static Set<String> ids(TestReceiver receiver, String path) {
    Set<String> ids = new HashSet<>();
    for (Received request : of(receiver, path)) {
      elements(request).forEach(element -> ids.add(element.path("id").asText()));
    }
    return ids;
  }

  private static JsonNode elements(Received request) {
    try {
      return JSON.readTree(
          request.headers().containsKey("content-encoding")
              ? new GZIPInputStream(new ByteArrayInputStream(request.body())).readAllBytes()
              : request.body());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
