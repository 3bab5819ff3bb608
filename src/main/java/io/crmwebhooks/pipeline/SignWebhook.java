package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.DeliveryRequest;
import io.crmwebhooks.http.EgressException;
import io.crmwebhooks.http.HttpDestination;
import io.crmwebhooks.http.RequestHeaders;
import io.crmwebhooks.http.WebhookSigner;
import io.crmwebhooks.http.WireHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Makes the message of one attempt: the body as it is sent, the signed {@link RequestHeaders}, and
 * no others. The target and the headers of the webhook's own join them inside the HTTP client,
 * which knows the webhook by the body. Runs inside the part that is redelivered, so that every
 * attempt bears its own time. Thread-safe.
 */
public final class SignWebhook implements Processor {
  private static final HexFormat HEX = HexFormat.of();

  /** The headers that name the trace of an attempt. */
  public static final Set<String> TRACE_HEADERS = Set.of("traceparent", "tracestate");

  /** The exchange property of a caller that wants to see the headers as they went over the wire. */
  public static final String WATCH = "wireHeaders";

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
    Delivery delivery = Carried.DELIVERY.of(exchange);
    Webhook webhook = delivery.webhook();
    WebhookSigner signer = HttpDestination.of(webhook).signer();
    boolean gzip = webhook.limits().batching().gzip();
    byte[] body = gzip ? compressed(delivery.body()) : delivery.body();
    Message message = exchange.getMessage();
    message.setBody(
        new DeliveryRequest(
            webhook, body, delivery.request(), exchange.getProperty(WATCH, WireHeaders.class)));
    Map<String, Object> headers = message.getHeaders();
    // A header from elsewhere would be sent, and a CamelHttp one could redirect the call. Camel's
    // redelivery counter must stay, or a redelivery never ends.
    headers.keySet().removeIf(name -> !name.startsWith("CamelRedeliver") && !kept.contains(name));
    headers.putAll(webhook.form().headers(delivery.change(), delivery.id()));
    RequestHeaders.each(facts(delivery, body, signer, clock.millis()), headers::put);
  }

  private RequestHeaders.Facts facts(
      Delivery delivery, byte[] body, WebhookSigner signer, long now) {
    String id = delivery.id();
    String type = delivery.webhook().form().contentType();
    boolean replayed = delivery.history().replayed();
    if (signer == null) {
      return new RequestHeaders.Facts(id, type, now, replayed, null, null, null);
    }
    String standard = signer.standard(id, now / 1000, body);
    String twenty = signer.twenty(now, body);
    return new RequestHeaders.Facts(id, type, now, replayed, standard, twenty, nonce());
  }

  /** The same bytes always give the same ones: no time is written into them. */
  private static byte[] compressed(byte[] body) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream(body.length / 4 + 64);
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
    return compressed.toByteArray();
  }

  private String nonce() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HEX.formatHex(bytes);
  }
}
