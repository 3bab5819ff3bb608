package io.crmwebhooks.admin;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Answers with the files of the console, which are in the class path under {@code console}.
 * Browsers keep them and ask each time whether they are still the same ({@code ETag}), so that a
 * new version is seen at once. Each file is read once. Thread-safe.
 */
public final class ConsoleFiles implements Processor {
  private static final String ROOT = "/console/";

  /** No segment begins with a dot, so nothing outside of the folder can be named. */
  private static final Pattern NAME =
      Pattern.compile("(?:[a-z0-9-]+/)*[a-z0-9-]+(?:\\.[a-z0-9]+)*\\.(html|css|js|svg)");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private record File(byte[] bytes, String type, String tag) {}

  private final Map<String, File> read = new ConcurrentHashMap<>();

  @Override
  public void process(Exchange exchange) throws IOException {
    Message message = exchange.getMessage();
    String path = message.getHeader(Exchange.HTTP_PATH, String.class);
    String known = message.getHeader("If-None-Match", String.class);
    Optional<File> file = find(path.equals("/") ? "index.html" : path.replaceFirst(ROOT, ""));
    Map<String, Object> headers = new HashMap<>();
    byte[] body = null;
    if (file.isEmpty()) {
      Problem problem = Problem.of(404, "there is nothing at " + path);
      headers.put(Exchange.HTTP_RESPONSE_CODE, problem.status());
      headers.put(Exchange.CONTENT_TYPE, Problem.MEDIA_TYPE);
      body = Json.bytes(problem.toJson());
    } else {
      boolean same = known != null && known.contains(file.get().tag());
      headers.put(Exchange.HTTP_RESPONSE_CODE, same ? 304 : 200);
      headers.put("ETag", file.get().tag());
      if (!same) {
        headers.put(Exchange.CONTENT_TYPE, file.get().type());
        body = file.get().bytes();
      }
    }
    message.getHeaders().clear(); // else the request's own would be sent back
    message.getHeaders().putAll(headers);
    message.setBody(body);
  }

  private Optional<File> find(String name) throws IOException {
    var match = NAME.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    File file = read.get(name);
    if (file == null) {
      try (InputStream in = ConsoleFiles.class.getResourceAsStream(ROOT + name)) {
        if (in == null) {
          return Optional.empty();
        }
        byte[] bytes = in.readAllBytes();
        file = new File(bytes, TYPES.get(match.group(1)), tag(bytes));
        read.put(name, file);
      }
    }
    return Optional.of(file);
  }

  private static String tag(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(hash, 0, 16) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java cannot compute SHA-256", e);
    }
  }
}
