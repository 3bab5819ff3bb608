package io.crmwebhooks.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PastedRequestTest {
  private static PastedRequest parse(String pasted) {
    return PastedRequest.parse(pasted.getBytes(StandardCharsets.UTF_8));
  }

  private static String body(PastedRequest request) {
    return new String(request.body(), StandardCharsets.UTF_8);
  }

  @Test
  void a_request_as_on_the_wire_has_headers_and_the_exact_body() {
    PastedRequest request =
        parse("POST /hook HTTP/1.1\r\nHost: x:80\r\nWebhook-Id:msg_1\r\n\r\n{\"a\":1}\n\nö\n");
    assertThat(request.headers()).hasSize(2).containsEntry("webhook-id", "msg_1");
    assertThat(request.headers().get("HOST")).isEqualTo("x:80");
    assertThat(body(request)).isEqualTo("{\"a\":1}\n\nö\n");
    assertThat(body(request.withoutLastLineBreak())).isEqualTo("{\"a\":1}\n\nö");
  }

  @Test
  void the_marks_of_curl_are_passed_over() {
    PastedRequest verbose = parse("> POST / HTTP/1.1\n> webhook-id: msg_1\n>\n{}");
    assertThat(verbose.headers()).containsOnlyKeys("webhook-id");
    assertThat(body(verbose)).isEqualTo("{}");
    assertThat(parse("-H 'webhook-id: msg_1'\n").headers()).containsEntry("webhook-id", "msg_1");
  }

  @Test
  void empty_lines_before_the_headers_do_not_end_them() {
    assertThat(parse("\n\nwebhook-id: 1\n\nbody").headers()).containsKey("webhook-id");
    assertThat(body(parse("\nwebhook-id: 1\n\nbody"))).isEqualTo("body");
  }

  @Test
  void headers_alone_have_no_body() {
    assertThat(parse("webhook-id: 1").body()).isEmpty();
    assertThat(parse("").headers()).isEmpty();
    assertThat(parse("webhook-id: 1\n\n").withoutLastLineBreak().body()).isEmpty();
  }
}
