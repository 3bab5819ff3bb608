package io.crmwebhooks.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Requests that a receiver has written down, a JSON object a line with {@code headers} and {@code
 * body}, as {@code listen --record} writes them. Only their places are kept in memory. Used by one
 * thread.
 */
public final class ReceivedFile implements AutoCloseable {
  private static final int MOST_REQUESTS = 200_000;
  private static final int LONGEST_LINE = 64 << 20;
  private static final int CHUNK = 1 << 16;
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** Who made a request, as far as it matters for a comparison. */
  public enum Kind {
    /** An event of a record, sent by Twenty. */
    EVENT,
    /** A change of metadata, sent by Twenty. */
    METADATA,
    /** Sent by crm-webhooks. */
    OURS,
    /** Anything else. */
    OTHER
  }

  /**
   * A request and its place in the file.
   *
   * @param version {@code updatedAt} of the record; empty: it has none
   * @param time of the event as the body says it, or of its receipt; null: neither is known
   */
  public record Request(
      int line,
      long offset,
      Kind kind,
      String webhookId,
      String event,
      String recordId,
      String version,
      Instant time) {}

  private final Path path;
  private final RandomAccessFile file;
  private final List<Request> requests = new ArrayList<>();

  private ReceivedFile(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Reads the whole file once.
   *
   * @throws IllegalArgumentException naming the line, when it is no such file, or too large
   */
  public static ReceivedFile open(Path path) throws IOException {
    ReceivedFile received = new ReceivedFile(path, new RandomAccessFile(path.toFile(), "r"));
    try (InputStream in = Files.newInputStream(path)) {
      received.scan(in);
      return received;
    } catch (IOException | RuntimeException e) {
      received.close();
      throw e;
    }
  }

  public List<Request> requests() {
    return requests;
  }

  /** The body of one of them, read again. */
  public JsonNode body(Request request) throws IOException {
    file.seek(request.offset());
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    byte[] chunk = new byte[CHUNK];
    for (int read = file.read(chunk); read > 0; read = file.read(chunk)) {
      int end = lineEnd(chunk, 0, read);
      line.write(chunk, 0, end);
      if (end < read) {
        break;
      }
    }
    return body(JSON.readTree(line.toByteArray()));
  }

  private void scan(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    byte[] chunk = new byte[CHUNK];
    long offset = 0;
    int number = 1;
    for (int read = in.read(chunk); read > 0; read = in.read(chunk)) {
      int from = 0;
      for (int end = lineEnd(chunk, 0, read); end < read; end = lineEnd(chunk, from, read)) {
        line.write(chunk, from, end - from);
        take(line.toByteArray(), offset, number);
        offset += line.size() + 1L;
        number++;
        line.reset();
        from = end + 1;
      }
      line.write(chunk, from, read - from);
      if (line.size() > LONGEST_LINE) {
        throw wrong(number, "is longer than %d MiB".formatted(LONGEST_LINE >> 20));
      }
    }
    take(line.toByteArray(), offset, number);
  }

  private static int lineEnd(byte[] chunk, int from, int to) {
    int at = from;
    while (at < to && chunk[at] != '\n') {
      at++;
    }
    return at;
  }

  private void take(byte[] line, long offset, int number) {
    if (new String(line, 0, Math.min(line.length, 100)).isBlank()) {
      return;
    }
    JsonNode request;
    try {
      request = JSON.readTree(line);
    } catch (IOException e) {
      request = MissingNode.getInstance();
    }
    if (!request.isObject() || !request.path("headers").isObject() || !request.has("body")) {
      throw wrong(number, "is no JSON object with headers and body, as listen --record writes it");
    }
    if (requests.size() == MOST_REQUESTS) {
      throw wrong(number, "is one too many: compare at most %,d requests".formatted(MOST_REQUESTS));
    }
    requests.add(request(request, offset, number));
  }

  private static Request request(JsonNode request, long offset, int line) {
    JsonNode body = body(request);
    JsonNode record = body.path("record");
    String webhookId = body.path("webhookId").asText().toLowerCase(Locale.ROOT);
    Kind kind = Kind.OTHER;
    if (header(request, "webhook-id").startsWith("msg_")) {
      kind = Kind.OURS;
    } else if (UUID.matcher(webhookId).matches()) {
      kind =
          body.path("eventName").asText().startsWith("metadata.")
              ? Kind.METADATA
              : record.isObject() ? Kind.EVENT : Kind.OTHER;
    }
    return new Request(
        line,
        offset,
        kind,
        webhookId,
        body.path("eventName").asText(),
        record.path("id").asText(),
        record.path("updatedAt").asText(),
        time(body.path("eventDate").asText(), request.path("receivedAt").asText()));
  }

  private static JsonNode body(JsonNode request) {
    JsonNode body = request.path("body");
    if (!body.isTextual()) {
      return body;
    }
    try {
      return JSON.readTree(body.asText());
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  private static String header(JsonNode request, String name) {
    for (var headers = request.path("headers").fields(); headers.hasNext(); ) {
      var header = headers.next();
      if (header.getKey().equalsIgnoreCase(name)) {
        return header.getValue().asText();
      }
    }
    return "";
  }

  private static Instant time(String... texts) {
    for (String text : texts) {
      try {
        return Instant.parse(text);
      } catch (DateTimeException e) {
        continue;
      }
    }
    return null;
  }

  private IllegalArgumentException wrong(int line, String what) {
    return new IllegalArgumentException("line %d of %s %s".formatted(line, path, what));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
