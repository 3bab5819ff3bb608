package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.Shots.Shot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every place that openapi.json has for a value, holding what nobody should send. */
class HostileRequestsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final byte[] NONE = {};
  private static final List<String> OTHER_PATHS =
      List.of(
          "/ /openapi.json /rest /rest/ /console /console/ /observe/health /nothing".split(" "));

  private static PipelineFixture pipeline;
  private static TestReceiver receiver;
  private static JsonNode document;
  private static List<Operation> operations;
  private static Map<String, String> ids;
  private static Map<String, String> bodies;

  private final Shots shots = new Shots();
  private int turn;

  /** An operation of the document. */
  private record Operation(String method, String path, ArrayNode parameters, JsonNode json) {
    String target() {
      String[] segments = path.split("/");
      return path.replace("{id}", ids.getOrDefault(segments.length > 2 ? segments[2] : "", ""));
    }

    /** A header that keeps the target of a DELETE for the next request. */
    String guard() {
      return method.equals("DELETE") ? "If-Match: \"0\"\r\n" : "";
    }

    JsonNode fields() {
      JsonNode schema = resolved(json.at("/requestBody/content/application~1json/schema"));
      return (schema.has("allOf") ? resolved(schema.at("/allOf/0")) : schema).path("properties");
    }

    ObjectNode body() throws IOException {
      return (ObjectNode)
          JSON.readTree(bodies.getOrDefault(json.path("operationId").asText(), "{}"));
    }

    Shot with(String target, String headers, byte[] body, String named) {
      return new Shot(method, target, headers, body, named, json.path("responses"));
    }
  }

  @BeforeAll
  static void start() throws IOException {
    document = JSON.readTree(HostileRequestsTest.class.getResource("/openapi.json"));
    operations = operations();
    pipeline = new PipelineFixture("webhooks.api.statement-timeout", "30s").start();
    receiver = TestReceiver.answering(200);
    UUID webhook = pipeline.webhook(receiver.url("/first"), "first.made");
    pipeline.change("first.made", "{}");
    soon().until(() -> pipeline.count("delivery WHERE state = 'delivered'") == 1);
    bodies =
        Map.of(
            "addWebhook",
            "{\"targetUrl\":\"%s\",\"operations\":[\"never.ever\"],\"duplicate\":true}"
                .formatted(receiver.url("/other")),
            "startReplay",
            "{\"webhookId\":\"%s\",\"mode\":\"missing\",\"since\":\"2025-01-01T00:00:00Z\"}"
                .formatted(webhook),
            "addToken",
            "{\"name\":\"made\",\"role\":\"read\"}",
            "planConfig",
            "{\"file\":\"f\",\"webhooks\":[]}",
            "applyConfig",
            "{\"file\":\"f\",\"webhooks\":[]}");
    ids =
        Map.of(
            "webhooks", webhook.toString(),
            "deliveries", (String) pipeline.value("SELECT id FROM webhooks.delivery"),
            "events", "1",
            "replays", made("/rest/replays", "startReplay"),
            "tokens", made("/rest/tokens", "addToken"));
  }

  private static String made(String path, String operation) {
    return pipeline.api().post(path, bodies.get(operation)).body().path("id").asText();
  }

  @AfterAll
  static void stop() {
    pipeline.close();
    receiver.close();
  }

  @AfterEach
  void the_pipeline_lives() {
    String path = "/" + UUID.randomUUID();
    pipeline.webhook(receiver.url(path), "last.made");
    pipeline.change("last.made", "{}");
    soon().until(() -> receiver.received(path).size() == 1);
  }

  private static JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
  }

  private static List<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    for (var path : document.path("paths").properties()) {
      for (var verb : path.getValue().properties()) {
        if (!verb.getKey().equals("parameters")) {
          ArrayNode parameters = JSON.createArrayNode();
          for (JsonNode from : List.of(path.getValue(), verb.getValue())) {
            from.path("parameters").forEach(each -> parameters.add(resolved(each)));
          }
          String method = verb.getKey().toUpperCase(Locale.ROOT);
          all.add(new Operation(method, path.getKey(), parameters, verb.getValue()));
        }
      }
    }
    return all;
  }

  private void fire() throws Exception {
    shots.fire(new InetSocketAddress("127.0.0.1", URI.create(pipeline.url()).getPort()));
  }

  @Test
  void in_a_parameter() throws Exception {
    for (Operation operation : operations) {
      for (JsonNode parameter : operation.parameters()) {
        String name = parameter.path("name").asText();
        String query = operation.target() + "?" + name + "=";
        switch (parameter.path("in").asText()) {
          case "path" -> {
            for (String value : Hostile.encoded(name, turn++)) {
              String target = operation.path().replace("{" + name + "}", value);
              shots.add(operation.with(target, operation.guard(), NONE, null));
            }
          }
          case "query" -> {
            for (String value : Hostile.encoded(name, turn++)) {
              shots.add(operation.with(query + value, "", NONE, name));
            }
            shots.add(operation.with(query + "1&" + name + "=1", "", NONE, name));
            shots.add(operation.with(query + "%zz", "", NONE, null));
          }
          default -> {
            for (String value : Hostile.HEADERS) {
              String header = name + ": " + value + "\r\n";
              shots.add(operation.with(operation.target(), header, NONE, null));
            }
          }
        }
      }
      for (String name : List.of("unknown", "", "%00")) {
        String target = operation.target() + "?" + name + "=1";
        shots.add(operation.with(target, operation.guard(), NONE, name.replace("%00", "\0")));
      }
    }
    fire();
  }

  @Test
  void in_a_field() throws Exception {
    for (Operation operation : operations) {
      for (var field : operation.fields().properties()) {
        String name = field.getKey();
        boolean ignored = field.getValue().path("description").asText().equals("Ignored.");
        for (String value : Hostile.json(name, turn++)) {
          if (!ignored || value.length() > 900) {
            shots.add(body(operation, name, value.getBytes(UTF_8), name));
          }
        }
        for (String value : Hostile.noJson(turn)) {
          shots.add(body(operation, name, value.getBytes(ISO_8859_1), null));
        }
      }
      if (!operation.fields().isEmpty()) {
        shots.add(body(operation, "unknown", new byte[] {'1'}, "unknown"));
      }
    }
    fire();
  }

  private static Shot body(Operation operation, String name, byte[] value, String named)
      throws IOException {
    ObjectNode others = operation.body().without(name);
    String rest = (others.isEmpty() ? "" : ",") + others.toString().substring(1);
    String json = "{\"" + name + "\":" + new String(value, ISO_8859_1) + rest;
    String type = "Content-Type: application/json\r\n";
    return operation.with(operation.target(), type, json.getBytes(ISO_8859_1), named);
  }

  @Test
  void as_a_body_or_its_type() throws Exception {
    for (Operation operation : operations) {
      String headers = operation.guard() + "Content-Type: ";
      String target = operation.target();
      for (byte[] body : Hostile.BODIES) {
        shots.add(operation.with(target, headers + "application/json\r\n", body, null));
      }
      for (String type : Hostile.TYPES) {
        shots.add(operation.with(target, headers + type + "\r\n", new byte[] {'1'}, null));
      }
    }
    for (String path : OTHER_PATHS) {
      for (String type : Hostile.TYPES) {
        String header = "Content-Type: " + type + "\r\n";
        shots.add(new Shot("POST", path, header, new byte[] {'1'}, null, null));
        shots.add(new Shot("GET", path, header, NONE, null, null));
      }
    }
    fire();
  }

  @Test
  void as_a_method_a_target_or_a_header() throws Exception {
    Stream.concat(operations.stream().map(Operation::target).distinct(), OTHER_PATHS.stream())
        .forEach(target -> Hostile.METHODS.forEach(method -> add(method, target, "")));
    Hostile.TARGETS.forEach(target -> add("GET", target, ""));
    for (String name : Hostile.HEADER_NAMES) {
      Hostile.HEADERS.forEach(value -> add("GET", "/rest/webhooks", name + ": " + value + "\r\n"));
    }
    fire();
  }

  private void add(String method, String target, String header) {
    String headers = header.isEmpty() ? "If-Match: \"0\"\r\n" : header;
    shots.add(new Shot(method, target, headers, NONE, null, null));
  }

  @Test
  void but_a_cursor_of_digits_is_as_good_as_any() {
    String key = "delivery:msg_" + "1".repeat(48);
    String cursor = Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(UTF_8));
    assertThat(pipeline.api().get("/rest/deliveries?cursor=" + cursor).status()).isEqualTo(200);
  }
}
