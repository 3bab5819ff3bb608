package io.crmwebhooks.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.packaged.LoopServer;
import java.io.IOException;

/** The receiver, as a process of its own. */
final class Sink implements AutoCloseable {
  private final ChildJvm child;
  private final String url;

  private Sink(ChildJvm child) {
    this.child = child;
    this.url = child.ask("url").asText();
  }

  static Sink start() throws IOException {
    return new Sink(ChildJvm.start(Sink.class));
  }

  /** The child. */
  public static void main(String[] args) throws Exception {
    SinkBooks books = new SinkBooks();
    try (LoopServer server = LoopServer.start(books)) {
      ChildJvm.serve(
          command ->
              switch (command[0]) {
                case "url" -> '"' + server.url("") + '"';
                case "reset" -> {
                  books.reset();
                  yield "true";
                }
                case "stand-still" -> {
                  books.standStill(Integer.parseInt(command[1]));
                  yield "true";
                }
                case "distinct" -> Integer.toString(books.distinct());
                case "report" -> books.report();
                default -> books.arrivals(Integer.parseInt(command[1]));
              });
    }
  }

  String url(String path) {
    return url + path;
  }

  void reset() {
    child.ask("reset");
  }

  /** Has it answer nobody for so long. */
  void standStill(int millis) {
    child.ask("stand-still " + millis);
  }

  /** How many different ids have come. */
  int distinct() {
    return child.ask("distinct").asInt();
  }

  /** The requests since the reset. */
  record Report(
      int requests, int distinct, int forged, long bytes, long firstMicros, long lastMicros) {
    double rate() {
      return lastMicros == firstMicros ? 0 : distinct * 1e6 / (lastMicros - firstMicros);
    }
  }

  Report report() {
    JsonNode node = child.ask("report");
    return new Report(
        node.get("requests").asInt(),
        node.get("distinct").asInt(),
        node.get("forged").asInt(),
        node.get("bytes").asLong(),
        node.get("firstMicros").asLong(),
        node.get("lastMicros").asLong());
  }

  /** When the changes 1 to {@code changes} first came, microseconds since the epoch; 0: never. */
  long[] arrivals(int changes) {
    JsonNode node = child.ask("arrivals " + changes);
    long[] micros = new long[changes];
    for (int i = 0; i < changes; i++) {
      micros[i] = node.get(i).asLong();
    }
    return micros;
  }

  double cpuSeconds() {
    return ProcFs.cpuSeconds(child.pid());
  }

  @Override
  public void close() {
    child.close();
  }
}
