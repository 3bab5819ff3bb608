package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Post;
import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SteppedMessageTest {
  private static final int MOST = 20;

  private final Webhook webhook = TestWebhook.to("https://Example.org/hook").build();
  private final Delivery delivery =
      Delivery.first(Changes.of("person.created", "{}"), webhook, "offered".getBytes());
  private final DefaultMessage message = new DefaultMessage(new DefaultCamelContext());

  private Delivery made(Object body) {
    message.setBody(body);
    return SteppedMessage.of(message, MOST).made(delivery, "offered", MOST);
  }

  static Stream<Arguments> bodies() {
    byte[] utf8 = "Zoë".getBytes(StandardCharsets.UTF_8);
    return Stream.of(
        Arguments.of("Zoë", "Zoë"),
        Arguments.of(utf8, "Zoë"),
        Arguments.of(new ByteArrayInputStream(utf8), "Zoë"),
        Arguments.of("", ""),
        Arguments.of(Map.of("a", List.of(1)), "{\"a\":[1]}"));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void a_text_in_any_form_is_the_body(Object body, String sent) {
    assertThat(made(body).body()).isEqualTo(sent.getBytes(StandardCharsets.UTF_8));
    assertThat(made("offered")).as("nothing differs").isSameAs(delivery);
  }

  @Test
  void an_element_of_an_array_has_the_id_of_its_delivery_in_place_of_one_of_the_steps() {
    Delivery element =
        Delivery.first(
            Changes.of("person.created", "{}"),
            TestWebhook.to("https://example.org/").withBatches(10, null).build(),
            new byte[0]);
    message.setBody("{\"n\":1.10,\"id\":\"own\"}");
    Delivery made = SteppedMessage.of(message, 100).made(element, "offered", 100);
    assertThat(new String(Post.element(made), StandardCharsets.UTF_8))
        .isEqualTo("{\"id\":\"" + element.id() + "\",\"n\":1.10}");
  }

  static Stream<Arguments> badBodies() {
    return Stream.of(
        Arguments.of(new Date(), "the body is a java.util.Date, but must be"),
        Arguments.of(new byte[] {(byte) 0xff}, "the body is no text in UTF-8"),
        Arguments.of("a\0b", "the body holds a NUL"),
        Arguments.of("\ud83d", "the body holds a NUL, half of a character"),
        Arguments.of("é".repeat(11), "the body is larger than webhooks.poll.record-bytes"),
        Arguments.of(new ByteArrayInputStream(new byte[MOST + 1]), "the body is larger"),
        Arguments.of(Map.of("a", new Object()), "the body cannot be written as JSON"));
  }

  @ParameterizedTest
  @MethodSource("badBodies")
  void anything_else_is_refused(Object body, String reason) {
    assertThatThrownBy(() -> made(body))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(reason);
  }

  @Test
  void headers_of_camel_and_of_traces_are_not_sent() {
    message.setHeader("CamelHttpResponseCode", 200);
    message.setHeader("traceparent", "00-1-1-01");
    message.setHeader("X-None", null);
    assertThat(made("offered")).isSameAs(delivery);
    message.setHeader("X-Count", 3);
    assertThat(made("offered").request())
        .isEqualTo(new Request(null, null, null, Map.of("X-Count", "3")));
    message.setHeader("X-List", List.of("a"));
    assertThatThrownBy(() -> made("offered")).hasMessageStartingWith("header 'X-List' is a ");
  }

  @Test
  void an_endpoint_is_another_by_scheme_host_or_port_only() {
    message.setHeader("CamelHttpUri", "https://example.org:443/other?a=b");
    assertThat(made("offered").elsewhere()).isNull();
    assertThat(made("offered").request().url()).isEqualTo("https://example.org:443/other?a=b");
    message.setHeader("CamelHttpUri", "http://example.org/hook");
    assertThat(made("offered").elsewhere()).isEqualTo("http://example.org:80");
    message.setHeader("CamelHttpUri", "https://example.org/" + "a".repeat(2000));
    assertThatThrownBy(() -> made("offered"))
        .hasMessage("header 'CamelHttpUri' is longer than 2000 characters");
  }

  @Test
  void no_step_leads_a_delivery_to_a_route() {
    message.setHeader("CamelHttpUri", "route:archive"); // from a label, say
    assertThatThrownBy(() -> made("offered"))
        .hasMessage("header 'CamelHttpUri': only a webhook itself may lead to a route");
  }

  @Test
  void a_null_body_leaves_the_delivery_out_whatever_else_is_set() {
    message.setHeader("Host", "evil.example");
    assertThat(made(null).isLeftOut()).isTrue();
  }
}
