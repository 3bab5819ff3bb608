package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.SECRET;
import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.http.WebhookSigner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For any JSON of a record, the signed bytes are the sent bytes, at each attempt, and they are
 * those that PostgreSQL has.
 */
class PayloadEdgesTest {
  private static final int LARGEST = 5 * 1024 * 1024; // as webhooks.poll.record-bytes has it

  static Stream<Arguments> records() {
    return Stream.of(
        Arguments.of("as large as allowed", padded(LARGEST)),
        Arguments.of("characters of every plane", "{\"text\":\"" + ofEveryPlane() + "\"}"),
        Arguments.of(
            "noncharacters and controls", "{\"t\":\"\uFFFE\uFFFF\u0085\u2028\u202E\u007F\"}"),
        Arguments.of("escaped NUL", "{\"t\":\"a\\u0000b\",\"\\u0000\":1}"),
        Arguments.of(
            "lone surrogates, escaped", "{\"t\":\"\\ud83d \\udc00\\ud83d\",\"\\uDFFF\":2}"),
        Arguments.of(
            "numbers beyond double",
            "{\"a\":1e400,\"b\":-1E-400,\"c\":-0,\"d\":0.10,\"e\":%s.%s,\"f\":1E+99999}"
                .formatted("9".repeat(500), "1".repeat(500))),
        Arguments.of("ten thousand keys", keys(10_000)),
        Arguments.of("nested deeply", "{\"a\":" + "[".repeat(3000) + "]".repeat(3000) + "}"),
        Arguments.of("spaces, and a key twice", " {\t\"a\" : 1 ,\n \"a\":2 }\n "),
        Arguments.of("empty", "{}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("records")
  void bytes_sent_are_bytes_signed_and_those_of_the_database(String what, String record) {
    try (TestReceiver receiver = TestReceiver.answeringInTurn(500, 200);
        PipelineFixture pipeline =
            new PipelineFixture("webhooks.delivery.retry-schedule", "50ms").start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", record);
      soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
      String kept = (String) pipeline.value("SELECT record::text FROM webhooks.change");
      assertThat(receiver.received()).hasSize(2);
      for (Received attempt : receiver.received()) {
        String body = new String(attempt.body(), StandardCharsets.UTF_8);
        assertThat(body.substring(0, body.lastIndexOf(",\"timestamp\"")))
            .isEqualTo("{\"event\":\"person.created\",\"data\":" + kept);
        assertSigned(attempt);
      }
      assertThat(receiver.received().get(1).body()).isEqualTo(receiver.received().get(0).body());
    }
  }

  @Test
  void a_record_a_byte_too_large_is_parked_and_the_api_says_why() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", padded(LARGEST + 1));
      soon().until(() -> pipeline.count("parked_change") == 1);
      assertThat(pipeline.api().get("/rest/events/1").body().path("parkedReason").asText())
          .isEqualTo("record of 5242881 bytes is larger than webhooks.poll.record-bytes allows");
      assertThat(receiver.received()).isEmpty();
    }
  }

  @Test
  void a_route_that_reads_the_record_changes_no_value_that_it_leaves_alone(@TempDir Path routes)
      throws Exception {
    ObjectMapper exact =
        JsonMapper.builder()
            .enable(
                DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS,
                DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();
    AtomicInteger count = new AtomicInteger();
    try (TestReceiver receiver =
            TestReceiver.answering(
                (request, exchange) ->
                    respond(exchange, count.incrementAndGet() == 1 ? 500 : 200, ""));
        PipelineFixture pipeline =
            new PipelineFixture(reading(routes), "webhooks.delivery.retry-schedule", "50ms")
                .start()) {
      pipeline.webhook(receiver.url("/"));
      List<String> all =
          List.of(
              "{\"text\":\"" + ofEveryPlane() + "\"}",
              "{\"t\":\"a\\u0000b \\ud83d \\udc00\\ud83d\\ud83d\\ude00\"}",
              "{\"a\":1e400,\"d\":0.10,\"e\":%s.5}".formatted("9".repeat(500)),
              keys(10_000));
      for (int i = 0; i < all.size(); i++) {
        int before = receiver.received().size();
        count.set(0);
        pipeline.change("person.created", all.get(i));
        int done = i + 1;
        soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == done);
        Received first = receiver.received().get(before);
        Received second = receiver.received().get(before + 1);
        assertThat(second.body()).isEqualTo(first.body());
        assertSigned(first);
        assertSigned(second);
        assertThat(exact.readTree(first.body()).path("data")).isEqualTo(exact.readTree(all.get(i)));
      }
    }
  }

  @Test
  void a_record_that_a_route_cannot_read_is_parked_and_goes_out_where_no_route_reads_it(
      @TempDir Path routes) throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture(reading(routes)).start()) {
      pipeline.webhook(receiver.url("/"));
      pipeline.change("person.created", "{\"a\":" + "[".repeat(3000) + "]".repeat(3000) + "}");
      pipeline.change("person.created", "{\"half a name \\uDFFF\":2}");
      pipeline.change("person.created", "{\"n\":7}");
      soon().until(() -> pipeline.count("undispatched") == 0);
      assertThat(
              (String)
                  pipeline.value(
                      "SELECT string_agg(reason, ' ' ORDER BY change_id) FROM webhooks.parked_change"))
          .contains("the record cannot be read", "depth")
          .contains("the record cannot be read", "surrogate");
      assertThat(receiver.received()).hasSize(1);
    }
  }

  /** The routes, with a customising one that reads the record and leaves it as it is. */
  private static EditedRoutes reading(Path routes) throws Exception {
    return EditedRoutes.in(routes)
        .customise(
            """
            - setProperty:
                name: seen
                expression:
                  simple:
                    expression: "${body.record[name]}"
            """);
  }

  private static void assertSigned(Received request) {
    WebhookSigner signer = new WebhookSigner(SECRET);
    long millis = Long.parseLong(request.headers().get("x-twenty-webhook-timestamp"));
    assertThat(request.headers())
        .containsEntry("x-twenty-webhook-signature", signer.twenty(millis, request.body()))
        .containsEntry(
            "webhook-signature", signer.standard(request.id(), millis / 1000, request.body()));
  }

  private static String padded(int bytes) {
    String frame = "{\"pad\":\"\"}";
    return "{\"pad\":\"" + "x".repeat(bytes - frame.length()) + "\"}";
  }

  private static String ofEveryPlane() {
    return IntStream.rangeClosed(0, 16)
        .mapToObj(
            plane ->
                Character.toString((plane << 16) + 0x20AC)
                    + Character.toString((plane << 16) + 0xFFFD))
        .collect(Collectors.joining());
  }

  private static String keys(int count) {
    return IntStream.range(0, count)
        .mapToObj(n -> "\"key%d\":{\"n\":%d,\"t\":\"é%d\"}".formatted(n, n, n))
        .collect(Collectors.joining(",", "{", "}"));
  }
}
