package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.TestWebhook;
import java.util.Map;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.junit.jupiter.api.Test;

class DeliveryRequestTest {
  private final Webhook webhook = TestWebhook.to("https://receiver.example/").build();
  private final HttpPost post = new HttpPost("https://receiver.example/");

  @Test
  void a_request_knows_its_webhook_and_the_exact_bytes() throws Exception {
    DeliveryRequest entity =
        new DeliveryRequest(webhook, "{\"name\":\"Zoë\"}".getBytes("UTF-8"), null, null);
    post.setEntity(entity);
    assertThat(DeliveryRequest.of(post).webhook()).isSameAs(webhook);
    assertThat(EntityUtils.toByteArray(entity)).isEqualTo("{\"name\":\"Zoë\"}".getBytes("UTF-8"));
    assertThat(entity.getContentType()).isEqualTo("application/json");
    assertThat(entity.toString()).doesNotContain("Zo");
  }

  @Test
  void no_access_token_goes_to_another_endpoint_nor_past_a_header_of_the_route() {
    Webhook granted =
        TestWebhook.to("https://receiver.example/")
            .with(
                new ClientCredentials(
                    Target.parse("https://tokens.example/"), "me", "hush", null, null))
            .build();
    assertThat(credentials(granted, null)).isNotNull();
    assertThat(credentials(granted, Request.SAME)).isNotNull();
    assertThat(
            credentials(
                granted, new Request("https://receiver.example/b", null, null, Map.of("X-A", "b"))))
        .isNotNull();
    assertThat(
            credentials(
                granted,
                new Request("https://other.example/", "https://other.example:443", null, Map.of())))
        .isNull();
    assertThat(
            credentials(granted, new Request(null, null, null, Map.of("AUTHORIZATION", "Basic x"))))
        .isNull();
  }

  private static ClientCredentials credentials(Webhook webhook, Request own) {
    return new DeliveryRequest(webhook, new byte[0], own, null).credentials();
  }

  @Test
  void a_body_that_was_replaced_after_the_signing_is_not_sent() {
    post.setEntity(new StringEntity("{}"));
    assertThatThrownBy(() -> DeliveryRequest.of(post))
        .isInstanceOf(EgressException.class)
        .hasMessage("the body was replaced after it had been signed");
  }
}
