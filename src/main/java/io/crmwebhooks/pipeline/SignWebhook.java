package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.http.EgressException;
import io.crmwebhooks.http.HttpDestination;
import io.crmwebhooks.http.WebhookEntity;
import io.crmwebhooks.http.WebhookSigner;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Makes the message of one attempt: the body as it is sent, the headers of the contract, and no
 * others. The target and the headers of the webhook's own join them inside the HTTP client, which
 * knows the webhook by the body. Runs inside the part that is redelivered, so that every attempt
 * bears its own time. Thread-safe.
 */
public final class SignWebhook implements Processor {
  private static final HexFormat HEX = HexFormat.of();

  /** What says which trace an attempt belongs to. */
  public static final Set<String> TRACE_HEADERS = Set.of("traceparent", "tracestate");

  private final Clock clock;
  private final Set<String> kept;
  private final SecureRandom random = new SecureRandom();

  public SignWebhook(Clock clock) {
    this(clock, Set.of());
  }

  /**
   * @param kept headers that are sent as they are found
   */
  public SignWebhook(Clock clock, Set<String> kept) {
    this.clock = clock;
    this.kept = kept;
  }

  @Override
  public void process(Exchange exchange) throws EgressException {
    Delivery delivery = Delivery.of(exchange);
    HttpDestination destination = HttpDestination.of(delivery.webhook());
    byte[] body = delivery.body();
    long now = clock.millis();
    Message message = exchange.getMessage();
    message.setBody(new WebhookEntity(delivery.webhook(), body));
    Map<String, Object> headers = message.getHeaders();
    // A header from elsewhere would be sent, and a CamelHttp one could redirect the call. Camel's
    // redelivery counter must stay, or a redelivery never ends.
    headers.keySet().removeIf(name -> !name.startsWith("CamelRedeliver") && !kept.contains(name));
    headers.put(Exchange.CONTENT_TYPE, "application/json");
    headers.put("webhook-id", delivery.id());
    headers.put("webhook-timestamp", Long.toString(now / 1000));
    if (delivery.isReplayed()) {
      headers.put("X-Webhook-Replay", "true");
    }
    if (destination.signer() != null) {
      sign(headers, destination.signer(), delivery.id(), now, body);
    }
  }

  private void sign(
      Map<String, Object> headers, WebhookSigner signer, String id, long now, byte[] body) {
    String standard = signer.standard(id, now / 1000, body);
    if (standard != null) {
      headers.put("webhook-signature", standard);
    }
    String twenty = signer.twenty(now, body);
    if (twenty != null) {
      headers.put("X-Twenty-Webhook-Timestamp", Long.toString(now));
      headers.put("X-Twenty-Webhook-Signature", twenty);
      headers.put("X-Twenty-Webhook-Nonce", nonce());
    }
  }

  private String nonce() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HEX.formatHex(bytes);
  }
}
