package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Delivery.History;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.http.WebhookSigner;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class SignWebhookTest {
  private static final Instant END = Instant.parse("2025-02-10T15:30:50Z");

  private final AtomicReference<Instant> now = new AtomicReference<>();
  private final SignWebhook sign =
      new SignWebhook(
          new Clock() {
            @Override
            public Instant instant() {
              return now.get();
            }

            @Override
            public ZoneOffset getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
              throw new UnsupportedOperationException();
            }
          });

  @Test
  void an_overlap_that_ends_between_two_attempts_of_a_delivery_needs_no_reload() throws Exception {
    Webhook webhook =
        TestWebhook.to("http://receiver.example/")
            .signedBy(new WebhookSigner("new", "old", END, Scheme.ALL))
            .build();
    assertThat(signatures(webhook, END.minusSeconds(1))).hasSize(2);
    assertThat(signatures(webhook, END)).hasSize(1);
  }

  private String[] signatures(Webhook webhook, Instant time) throws Exception {
    now.set(time);
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    Carried.DELIVERY.put(
        exchange, Changes.claimed(webhook, new History(1, 0, false, false, false)));
    sign.process(exchange);
    Map<String, Object> headers = exchange.getMessage().getHeaders();
    assertThat(headers).containsEntry("webhook-timestamp", "" + time.getEpochSecond());
    return ((String) headers.get("webhook-signature")).split(" ");
  }
}
