package io.crmwebhooks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Sends many requests, a few at once, and judges the answers: none says that the server has failed,
 * each refusal is a whole problem document and in openapi.json, and 400 names what is wrong.
 */
final class Shots {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int AT_ONCE = 3;

  /** Refusals of what is no request of an operation, which the document does not list. */
  private static final List<Integer> OF_ANY = List.of(404, 405, 414, 417, 431);

  /**
   * A request.
   *
   * @param headers each with its line end
   * @param named what a 400 must name; null: nothing that has a name is wrong
   * @param responses those of the operation in the document; null: it is none
   */
  record Shot(
      String method, String target, String headers, byte[] body, String named, JsonNode responses) {
    String head() {
      return "%s %s HTTP/1.1\r\n%s%s%s%s"
          .formatted(
              method,
              target,
              headers,
              headers.contains("Host:") ? "" : "Host: x\r\n",
              body.length == 0 ? "" : "Content-Length: " + body.length + "\r\n",
              headers.contains("Authorization:")
                  ? "X: y"
                  : "Authorization: Bearer " + PipelineFixture.TOKEN);
    }

    @Override
    public String toString() {
      String text = String.join(" ", method, target, headers.trim(), new String(body, ISO_8859_1));
      return text.length() > 250 ? text.substring(0, 250) + "…" : text;
    }
  }

  private final Queue<Shot> waiting = new ConcurrentLinkedQueue<>();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  void add(Shot shot) {
    waiting.add(shot);
  }

  /**
   * Sends all that was added.
   *
   * @throws AssertionError showing the first of those that were not answered as they should be
   */
  void fire(InetSocketAddress server) throws Exception {
    assertThat(waiting).isNotEmpty();
    int size = waiting.size();
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        ends.add(threads.submit(() -> send(server), null));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(wrong.stream().limit(30))
        .as("%d of %d answers are wrong", wrong.size(), size)
        .isEmpty();
  }

  private void send(InetSocketAddress server) {
    try (RawHttp http = new RawHttp(server)) {
      for (Shot shot = waiting.poll(); shot != null; shot = waiting.poll()) {
        judge(shot, http);
      }
    } catch (IOException e) {
      wrong.add(e.toString());
    }
  }

  private void judge(Shot shot, RawHttp http) {
    try {
      RawHttp.Answer answer = http.send(shot.method(), shot.head(), shot.body());
      String fault = faultOf(shot, answer);
      if (fault != null) {
        String text = new String(answer.body(), UTF_8);
        wrong.add("%s: %s -> %d %s".formatted(fault, shot, answer.status(), text));
      }
    } catch (IOException | RuntimeException e) {
      wrong.add(e + ": " + shot);
    }
  }

  private static String faultOf(Shot shot, RawHttp.Answer answer) throws IOException {
    int status = answer.status();
    if (status >= 500) {
      return "the server has failed";
    }
    if (shot.responses() != null
        && !OF_ANY.contains(status)
        && !shot.responses().has(Integer.toString(status))) {
      return "openapi.json has no such status";
    }
    if (status < 400) {
      return null;
    }
    if (!"application/problem+json".equals(answer.headers().get("content-type"))) {
      return "no problem document";
    }
    if (shot.method().equals("HEAD")) {
      return null;
    }
    JsonNode problem = JSON.readTree(answer.body());
    if (problem.path("status").asInt() != status || problem.path("detail").asText().isEmpty()) {
      return "no whole problem document";
    }
    return status != 400 || shot.named() == null || names(problem, shot.named())
        ? null
        : shot.named() + " is not named";
  }

  /** As the field that is wrong, as an element of it, or in what is wrong with another one. */
  private static boolean names(JsonNode problem, String name) {
    return problem.findValuesAsText("field").stream()
            .anyMatch(field -> field.equals(name) || field.startsWith(name + "["))
        || problem.findValuesAsText("message").stream().anyMatch(text -> text.contains(name));
  }
}
