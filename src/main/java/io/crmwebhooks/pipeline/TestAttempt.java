package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.AttemptTap;
import io.crmwebhooks.http.FailureReason;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/**
 * Makes one attempt now, by the same sub-route as any other, signing and POSTing, and tells what
 * was sent and answered. It belongs to no change and leaves no trace in the tables. Thread-safe.
 */
public final class TestAttempt {
  private static final String HIDDEN = "(hidden)";

  /** What is no secret of anybody; of other headers only the names are told. */
  private static final Set<String> PLAIN =
      Set.of(
          "accept",
          "accept-encoding",
          "connection",
          "content-length",
          "content-type",
          "host",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  /**
   * What came of it.
   *
   * @param status null when there was no response
   * @param response its beginning; null when there was none
   * @param error in words; null when the receiver accepted
   */
  public record Result(
      Map<String, String> requestHeaders,
      String body,
      Integer status,
      Map<String, String> responseHeaders,
      String response,
      long durationMillis,
      String error) {}

  private final ProducerTemplate routes;
  private final Subscriptions subscriptions;

  /**
   * @param subscriptions what the routes load the webhooks into
   */
  public TestAttempt(ProducerTemplate routes, Subscriptions subscriptions) {
    this.routes = routes;
    this.subscriptions = subscriptions;
  }

  /** The webhook as it is now, served or disabled. */
  public Optional<Webhook> webhook(UUID id) {
    routes.sendBody("direct:load-webhooks", "");
    return Optional.ofNullable(subscriptions.servedOrDisabled(id));
  }

  /**
   * @param id the webhook-id that is sent
   */
  public Result make(String id, String event, Webhook webhook, byte[] body) {
    Delivery delivery = Delivery.again(id, 0, event, webhook, body, Delivery.History.NONE);
    try (AttemptTap tap = AttemptTap.open()) {
      long started = System.nanoTime();
      Exchange exchange =
          routes.send(
              "direct:post-signed-webhook",
              made -> {
                made.setProperty(Delivery.PROPERTY, delivery);
                made.getMessage().setBody(delivery);
              });
      long millis = (System.nanoTime() - started) / 1_000_000;
      Exception failure = exchange.getException();
      return new Result(
          hideSecrets(tap.requestHeaders()),
          new String(body, StandardCharsets.UTF_8),
          tap.status(),
          hideCookies(tap.responseHeaders()),
          failure == null
              ? FailureReason.excerpt(exchange.getMessage().getBody(String.class))
              : FailureReason.responseOf(failure),
          millis,
          failure == null ? null : FailureReason.of(failure));
    }
  }

  private static Map<String, String> hideSecrets(Map<String, String> headers) {
    Map<String, String> shown = new TreeMap<>(headers);
    shown.replaceAll((name, value) -> isPlain(name.toLowerCase(Locale.ROOT)) ? value : HIDDEN);
    return shown;
  }

  private static boolean isPlain(String name) {
    return PLAIN.contains(name)
        || name.startsWith("webhook-")
        || name.startsWith("x-twenty-webhook-");
  }

  private static Map<String, String> hideCookies(Map<String, String> headers) {
    Map<String, String> shown = new TreeMap<>(headers);
    shown.replaceAll(
        (name, value) -> name.toLowerCase(Locale.ROOT).startsWith("set-cookie") ? HIDDEN : value);
    return shown;
  }
}
