package io.crmwebhooks.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Headers that a webhook's owner wants on every request. They may carry secrets: no message and no
 * {@link #toString} holds a value. Immutable.
 */
public final class CustomHeaders {
  public static final CustomHeaders NONE = new CustomHeaders(Map.of());

  private static final int MOST = 32;
  private static final int MOST_BYTES = 8 * 1024;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");

  /** Visible ASCII with blanks and tabs between; nothing that could end the line. */
  private static final Pattern VALUE = Pattern.compile("([!-~]([\\t -~]*[!-~])?)?");

  /** https://www.rfc-editor.org/rfc/rfc9110#name-media-type */
  private static final Pattern MEDIA_TYPE =
      Pattern.compile(TOKEN + "/" + TOKEN + "( ?;[\\t -~]{1,300})?");

  /** Beside ours: HTTP's own, those that say how the body is written, and Camel's. */
  private static final Set<String> RESERVED =
      Set.of(
          ("accept-encoding cache-control connection date expect host http2-settings "
                  + "keep-alive pragma te traceparent tracestate trailer transfer-encoding upgrade via warning")
              .split(" "));

  private static final List<String> RESERVED_PREFIXES =
      List.of("camel", "content-", "org.apache.camel.", "proxy-", "webhook-", "x-twenty-");

  private final Map<String, String> headers;

  private CustomHeaders(Map<String, String> headers) {
    this.headers = headers;
  }

  /**
   * Checks headers.
   *
   * @throws IllegalArgumentException naming the header that may not be set, and why
   */
  public static CustomHeaders of(Map<String, String> headers) {
    Map<String, String> checked = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(
        (name, value) -> {
          check(name, value);
          if (checked.put(name, value) != null) {
            throw givenTwice(name);
          }
        });
    int bytes =
        checked.entrySet().stream()
            .mapToInt(header -> header.getKey().length() + header.getValue().length())
            .sum();
    if (checked.size() > MOST || bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          "headers: at most %d, of %d bytes in all, but there are %d, of %d bytes"
              .formatted(MOST, MOST_BYTES, checked.size(), bytes));
    }
    return new CustomHeaders(Collections.unmodifiableMap(checked));
  }

  /**
   * Reads lines of the form {@code Name: value}.
   *
   * @throws IllegalArgumentException as {@link #of}, or for a line without a colon, which it does
   *     not repeat
   */
  public static CustomHeaders ofLines(List<String> lines) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException("a header is written 'Name: value'");
      }
      String name = line.substring(0, colon).trim();
      if (headers.put(name, line.substring(colon + 1).trim()) != null) {
        throw givenTwice(name);
      }
    }
    return of(headers);
  }

  private static IllegalArgumentException givenTwice(String name) {
    return new IllegalArgumentException("header '" + printable(name) + "' is given twice");
  }

  private static void check(String name, String value) {
    if (!TOKEN.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "header '" + printable(name) + "' is not a valid header name");
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (RequestHeaders.isOurs(name)
        || RESERVED.contains(lower)
        || RESERVED_PREFIXES.stream().anyMatch(lower::startsWith)) {
      throw new IllegalArgumentException("header '" + name + "' is reserved");
    }
    if (value == null || !VALUE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "header '"
              + name
              + "' must have a text of visible ASCII characters, without line breaks and without"
              + " blanks at its ends");
    }
  }

  /**
   * Checks a content type.
   *
   * @throws IllegalArgumentException saying what it must be
   */
  public static String checkedContentType(String type) {
    if (!MEDIA_TYPE.matcher(type).matches()) {
      throw new IllegalArgumentException(
          "header 'Content-Type' must be a media type, such as text/plain; charset=utf-8");
    }
    return type;
  }

  private static String printable(String name) {
    return name.replaceAll("[^ -~]", "?");
  }

  /**
   * Reads what {@link #toJson} wrote, and checks it again.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static CustomHeaders fromJson(String json) {
    try {
      Map<String, String> headers = JSON.readValue(json, new TypeReference<>() {});
      if (headers != null) {
        return headers.isEmpty() ? NONE : of(headers);
      }
    } catch (JsonProcessingException e) {
      // said below, without the cause, which holds the text
    }
    throw new IllegalArgumentException("headers are no JSON object of texts");
  }

  public String toJson() {
    try {
      return JSON.writeValueAsString(headers);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of strings is always JSON", e);
    }
  }

  /** The headers as they are sent. */
  public Map<String, String> asMap() {
    return headers;
  }

  @Override
  public String toString() {
    return "headers " + headers.keySet();
  }
}
