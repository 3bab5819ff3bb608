package io.crmwebhooks.verify;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request as somebody has copied it: a line a header, an empty line, the body. A request line at
 * the beginning and curl's marks are passed over.
 *
 * @param headers by name, whatever its case
 * @param body its exact bytes
 */
public record PastedRequest(Map<String, String> headers, byte[] body) {
  private static final Pattern HEADER =
      Pattern.compile("(?:[<>]\\s+)?(?:-H\\s+)?['\"]?([A-Za-z][A-Za-z0-9-]*)\\s*:\\s?(.*?)['\"]?");

  /** Header names are the same in every case. */
  public static Map<String, String> noHeaders() {
    return new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  }

  /** Reads as much as there is, and passes over lines that are no header. */
  public static PastedRequest parse(byte[] pasted) {
    Map<String, String> headers = noHeaders();
    int at = 0;
    boolean begun = false;
    while (at < pasted.length) {
      int end = endOfLine(pasted, at);
      String line = new String(pasted, at, end - at, StandardCharsets.UTF_8).strip();
      at = Math.min(end + 1, pasted.length);
      if (line.isEmpty() || line.equals(">") || line.equals("<")) {
        if (begun) {
          break;
        }
        continue;
      }
      begun = true;
      addHeader(headers, line);
    }
    return new PastedRequest(headers, Arrays.copyOfRange(pasted, at, pasted.length));
  }

  /** Adds a line such as {@code webhook-id: msg_1}; returns false when it is none. */
  public static boolean addHeader(Map<String, String> headers, String line) {
    Matcher header = HEADER.matcher(line);
    if (!header.matches()) {
      return false;
    }
    headers.put(header.group(1), header.group(2).strip());
    return true;
  }

  private static int endOfLine(byte[] bytes, int from) {
    int end = from;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    return end;
  }

  /** Without the line break that editors and terminals put behind the last line. */
  public PastedRequest withoutLastLineBreak() {
    int length = body.length;
    if (length > 0 && body[length - 1] == '\n') {
      length--;
    }
    if (length > 0 && length < body.length && body[length - 1] == '\r') {
      length--;
    }
    return new PastedRequest(headers, Arrays.copyOf(body, length));
  }

  @Override
  public String toString() {
    return "a request with %d headers and a body of %d bytes"
        .formatted(headers.size(), body.length);
  }
}
