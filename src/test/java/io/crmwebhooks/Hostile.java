package io.crmwebhooks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Values, bodies and targets that a request may hold and no operation expects. */
final class Hostile {
  private static final String LONG = "x".repeat(3000);

  /** For parameters and fields alike. */
  private static final List<String> TEXTS =
      Stream.concat(
              """
              0
              -1
              1.5
              1e400
              2147483648
              -9223372036854775809
              NaN
              infinity
              0000-01-01T00:00:00Z
              10000-01-01T00:00:00Z
              -4713-01-01T00:00:00Z
              -4700-01-01T00:00:00+18:00
              +294277-01-01T00:00:00Z
              +999999999-12-31T23:59:59-18:00
              2025-02-30T00:00:00Z
              null
              ../../openapi.json
              ';--
              1-1-1-1-1
              a.b.c
              106751991167300d
              -1s
              http://[::1
              http://127.0.0.1:99999/
              http://127.0.0.1/%
              """
                  .lines(),
              Stream.of("9".repeat(400), "x".repeat(1000)))
          .toList();

  private static final List<String> CURSORS =
      Stream.of("event:", "delivery:", "replay:", "")
          .flatMap(
              kind ->
                  """

                  0
                  -1
                  9223372036854775807
                  99999999999999999999
                  1'
                  msg_0000000000000000
                  msg_7fffffffffffffff
                  msg_8000000000000000
                  msg_ffffffffffffffff
                  msg_\0
                  """
                      .lines()
                      .map(key -> kind + key))
          .map(text -> Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8)))
          .toList();

  private static final List<String> ENCODED =
      Stream.of(
              "%00 a%00b %FF %C0%80 %ED%A0%80 %EF%BF%BF %EF%BB%BF %D9%A1 %2F %2e%2e%2f %0d%0aX:%20y + /"
                  .split(" "),
              new String[] {"\u00e9\u00ff", "x".repeat(7000), "9".repeat(9000)},
              TEXTS.stream().map(Hostile::encoded).toArray(String[]::new))
          .flatMap(Stream::of)
          .toList();

  private static final List<String> JSON =
      Stream.of(
              """
              null
              true
              0
              -1
              1e400
              1e-400
              2147483648
              ""
              "\\u0000"
              "\\ud800"
              "a\\udc00b"
              "\\uffff"
              "\\r\\nX: y"
              []
              [null]
              ["\\u0000"]
              ["\\ud800"]
              {}
              {"a":{}}
              {"x-a":"b","X-A":"c"}
              {"\\u0000":"x"}
              {"x-a":"\\u0000"}
              {"x-a":"\\r\\nX: y"}
              """
                  .lines(),
              Stream.of(
                  "9".repeat(400),
                  "0.1" + "0".repeat(900) + "1",
                  '"' + LONG + '"',
                  "\"" + "\ud83d\ude00".repeat(60) + '"',
                  "[" + "\"a.b\",".repeat(600) + "\"a.b\"]",
                  "{\"x-a\":\"" + LONG + "\"}",
                  "[".repeat(990) + "]".repeat(990),
                  "{\"a\":".repeat(990) + "1" + "}".repeat(990)),
              TEXTS.stream().map(text -> '"' + text + '"'))
          .flatMap(all -> all)
          .toList();

  /** Texts that are no JSON where a value belongs. */
  private static final List<String> NO_JSON =
      Stream.concat(
              """
              NaN
              'a'
              01
              1E2147483648
              1e99999999999
              "\0"
              "\\u00"
              "\u00ff"
              "\u00ed\u00a0\u0080"
              "\u00c0\u0080"
              {"\\ud800":"x"}
              {"a":1,"a":2}
              1}{"a":1
              """
                  .lines(),
              Stream.of("", "9".repeat(2000), "[".repeat(1100), "{\"a\":".repeat(1100) + "1"))
          .toList();

  /** Whole bodies, none of which is an object of fields. */
  static final List<byte[]> BODIES =
      Stream.concat(
              """
              \0
              \u00ff\u00fe
              \u00ef\u00bb\u00bf
              \u00ef\u00bb\u00bf{"a":1}
              []
              1
              null
              {
              {"a":1
              {"a":1,"a":2}
              {"\u00ff":1}
              {"\\u0000":1}
              {} {}
              --x--
              """
                  .lines()
                  .map(text -> text.getBytes(ISO_8859_1)),
              Stream.of(new byte[0], "{\"a\":1}".getBytes(UTF_16)))
          .toList();

  static final List<String> TYPES =
      """

      text/plain
      application/json;
      application/json; charset=utf-16
      application/json; charset=nothing
      application/json; charset="
      application/json, text/plain
      APPLICATION/JSON
      multipart/form-data; boundary=x
      multipart/form-data
      application/x-www-form-urlencoded
      \u00ff
      ;
      """
          .lines()
          .toList();

  static final List<String> HEADERS =
      List.of("", ",", "\"", ";=\"", "a\0b", "\u00ff\u00fe", ",".repeat(5000));

  static final List<String> HEADER_NAMES =
      List.of(
          ("Accept Accept-Encoding Accept-Language Authorization CamelHttpPath CamelHttpMethod"
                  + " CamelHttpRawQuery CamelHttpResponseCode breadcrumbId Connection Content-Type"
                  + " Content-Encoding Cookie Date Expect Forwarded Host If-Match If-None-Match"
                  + " If-Modified-Since Origin Range TE Trailer Upgrade X-HTTP-Method-Override")
              .split(" "));

  static final List<String> METHODS =
      List.of(
          "GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT FOO get G@T P\u00d6ST".split(" "));

  static final List<String> TARGETS =
      List.of(
          ("* // ? http://x/rest/tokens http:// /rest/../rest/tokens /%2e%2e/ /rest/%2e%2e /rest/webhooks/"
                  + " /rest//webhooks /rest/webhooks;a=b /rest?x /rest/webhooks?% /rest/webhooks?%00=1"
                  + " /rest/webhooks?=&&= /rest/webhooks#x /console/%2e%2e/%2e%2e/x /console/%00 /console/%"
                  + " /console/\u00ff /\0 /% /rest/webhooks?a=%zz")
              .split(" "));

  private Hostile() {}

  /**
   * As they stand in a path or a query: all cursors, or a part of the rest.
   *
   * @param turn another part each time
   */
  static List<String> encoded(String name, int turn) {
    return name.equals("cursor") ? CURSORS : part(ENCODED, turn, 2);
  }

  /** As {@link #encoded(String, int)}, for a field of a body. */
  static List<String> json(String name, int turn) {
    return name.equals("cursor")
        ? CURSORS.stream().map(cursor -> '"' + cursor + '"').toList()
        : part(JSON, turn, 3);
  }

  static List<String> noJson(int turn) {
    return part(NO_JSON, turn, 4);
  }

  private static List<String> part(List<String> all, int turn, int parts) {
    return IntStream.range(0, all.size())
        .filter(i -> (i + turn) % parts == 0)
        .mapToObj(all::get)
        .toList();
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    for (byte each : text.getBytes(UTF_8)) {
      char c = (char) each;
      encoded.append(
          c < 128 && (Character.isLetterOrDigit(c) || "-_.".indexOf(c) >= 0)
              ? String.valueOf(c)
              : "%%%02X".formatted(each));
    }
    return encoded.toString();
  }
}
