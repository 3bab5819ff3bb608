package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CustomHeadersTest {

  @Test
  void lines_become_headers() {
    assertThat(
            CustomHeaders.ofLines(List.of("Authorization: Bearer a:b", "X-Empty:", "x-a:  b c\t"))
                .asMap())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("Authorization", "Bearer a:b", "X-Empty", "", "x-a", "b c"));
  }

  @Test
  void what_was_stored_is_read_again() {
    CustomHeaders headers = CustomHeaders.of(Map.of("X-A", "\"quoted\" \\ text"));
    assertThat(CustomHeaders.fromJson(headers.toJson()).asMap()).isEqualTo(headers.asMap());
    assertThat(CustomHeaders.fromJson("{}").asMap()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "HOST",
        "Content-Length",
        "Content-Type",
        "content-encoding",
        "User-Agent",
        "Connection",
        "Keep-Alive",
        "Transfer-Encoding",
        "TE",
        "Traceparent",
        "tracestate",
        "Trailer",
        "Upgrade",
        "Expect",
        "Via",
        "Date",
        "Accept-Encoding",
        "Proxy-Authorization",
        "Proxy-Connection",
        "webhook-id",
        "Webhook-Signature",
        "X-Twenty-Webhook-Signature",
        "X-Webhook-Replay",
        "CamelHttpUri",
        "camelHttpPath",
        "org.apache.camel.x"
      })
  void a_reserved_header_is_refused(String name) {
    assertThatThrownBy(() -> CustomHeaders.of(Map.of(name, "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("header '" + name + "' is reserved");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\r\nHost: evil",
        "a\nb",
        "a\rb",
        "a\u0000b",
        "a\u0085b",
        "a\u2028b",
        " a",
        "a ",
        "\ta",
        "a\u007f",
        "ü",
        "\u010a"
      })
  void a_value_that_is_no_single_line_of_ascii_is_refused_and_not_repeated(String value) {
    assertThatThrownBy(() -> CustomHeaders.of(Map.of("X-Key", value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("header 'X-Key' must have a text of visible ASCII")
        .hasMessageNotContaining("evil");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "X A", "X:A", "X\r\nHost", "X\u0000", "Ü", "X-Key "})
  void a_name_that_is_no_token_is_refused(String name) {
    assertThatThrownBy(() -> CustomHeaders.of(Map.of(name, "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("is not a valid header name")
        .message()
        .doesNotContain("\n", "\r", "\u0000");
  }

  @Test
  void a_missing_value_is_refused() {
    Map<String, String> headers = new HashMap<>();
    headers.put("X-Key", null);
    assertThatThrownBy(() -> CustomHeaders.of(headers)).hasMessageContaining("X-Key");
  }

  @Test
  void a_header_given_twice_is_refused_whatever_its_case() {
    assertThatThrownBy(() -> CustomHeaders.ofLines(List.of("X-A: 1", "X-A: 2")))
        .hasMessage("header 'X-A' is given twice");
    assertThatThrownBy(() -> CustomHeaders.ofLines(List.of("X-A: 1", "x-a: 2")))
        .hasMessageEndingWith("is given twice");
  }

  @Test
  void a_line_without_a_colon_is_refused_and_not_repeated() {
    assertThatThrownBy(() -> CustomHeaders.ofLines(List.of("hidden")))
        .hasMessage("a header is written 'Name: value'");
  }

  @Test
  void their_number_and_size_are_bounded() {
    Map<String, String> many =
        IntStream.rangeClosed(1, 33).boxed().collect(Collectors.toMap(n -> "X-" + n, n -> "v"));
    assertThatThrownBy(() -> CustomHeaders.of(many)).hasMessageContaining("there are 33");
    assertThatThrownBy(() -> CustomHeaders.of(Map.of("X", "v".repeat(8192))))
        .hasMessageContaining("of 8193 bytes");
    CustomHeaders.of(Map.of("X", "v".repeat(8191)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[]", "\"x\"", "{\"X\":{\"hidden\":1}}", "{\"X\":[\"hidden\"]}", "{", "null"})
  void what_is_stored_and_no_object_of_texts_is_refused_and_not_repeated(String json) {
    assertThatThrownBy(() -> CustomHeaders.fromJson(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("headers are no JSON object of texts")
        .hasNoCause();
  }

  @Test
  void no_value_is_in_the_text_of_the_object() {
    assertThat(CustomHeaders.of(Map.of("Authorization", "hidden")))
        .hasToString("headers [Authorization]");
  }
}
