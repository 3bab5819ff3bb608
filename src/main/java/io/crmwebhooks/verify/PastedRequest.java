package io.crmwebhooks.verify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

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
    // A character a byte, so that the body keeps each of them.
    String text = new String(pasted, ISO_8859_1).replaceFirst("\\A(\\s*[<>]?[ \\t]*\\r?\\n)+", "");
    String[] parts = text.split("\\r?\\n[ \\t]*[<>]?[ \\t]*\\r?\\n", 2);
    Map<String, String> headers = noHeaders();
    new String(parts[0].getBytes(ISO_8859_1), UTF_8)
        .lines()
        .forEach(line -> addHeader(headers, line.strip()));
    return new PastedRequest(headers, (parts.length > 1 ? parts[1] : "").getBytes(ISO_8859_1));
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

  /** Without the line break that editors and terminals put behind the last line. */
  public PastedRequest withoutLastLineBreak() {
    String text = new String(body, ISO_8859_1).replaceFirst("\\r?\\n\\z", "");
    return new PastedRequest(headers, text.getBytes(ISO_8859_1));
  }
}
