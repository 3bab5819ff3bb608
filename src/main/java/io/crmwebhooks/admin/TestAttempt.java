package io.crmwebhooks.admin;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Post;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.http.FailureReason;
import io.crmwebhooks.http.WireHeaders;
import io.crmwebhooks.pipeline.Carried;
import io.crmwebhooks.pipeline.SignWebhook;
import io.crmwebhooks.pipeline.Subscriptions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/**
 * Makes one attempt now, by the same sub-route as any other, signing and POSTing, and tells what
 * was sent and answered. It belongs to no change and leaves no trace in the tables. Thread-safe.
 */
public final class TestAttempt {
  /**
   * The outcome.
   *
   * @param wire headers, status and access tokens
   * @param body null when it cannot be made
   * @param response its beginning; null when there was none
   * @param error in words; null when the receiver accepted
   */
  public record Result(
      WireHeaders wire, String body, String response, long durationMillis, String error) {}

  private final ProducerTemplate routes;
  private final Subscriptions subscriptions;

  private TestAttempt(ProducerTemplate routes, Subscriptions subscriptions) {
    this.routes = routes;
    this.subscriptions = subscriptions;
  }

  /** By the routes of a context to which the beans of the pipeline are bound. */
  public static TestAttempt in(CamelContext context) {
    return new TestAttempt(
        context.createProducerTemplate(),
        context.getRegistry().lookupByNameAndType("subscriptions", Subscriptions.class));
  }

  /** The webhook as it is now, served or disabled. */
  public Optional<Webhook> webhook(UUID id) {
    routes.sendBody("direct:load-webhooks", "");
    return Optional.ofNullable(subscriptions.servedOrDisabled(id));
  }

  /**
   * It sends an array of one where the webhook wants many.
   *
   * @param id of the delivery, which is the webhook-id that is sent unless that is of an array
   */
  public Result make(String id, Change change, Webhook webhook) {
    Delivery.Content content = Delivery.Content.rendered(change, webhook, id, null);
    if (content.problem() != null) {
      return new Result(new WireHeaders(), null, null, 0, content.problem());
    }
    Delivery single = Delivery.again(id, change, webhook, content, Delivery.History.NONE);
    Delivery delivery = webhook.limits().batching().isArray() ? Post.of(List.of(single)) : single;
    WireHeaders wire = new WireHeaders();
    long started = System.nanoTime();
    Exchange exchange =
        routes.send(
            "direct:post-signed-webhook",
            made -> {
              Carried.DELIVERY.put(made, delivery);
              made.setProperty(SignWebhook.WATCH, wire);
              made.getMessage().setBody(delivery);
            });
    long millis = (System.nanoTime() - started) / 1_000_000;
    Exception failure = exchange.getException();
    return new Result(
        wire,
        new String(delivery.body(), StandardCharsets.UTF_8),
        failure == null
            ? FailureReason.excerpt(exchange.getMessage().getBody(String.class))
            : FailureReason.responseOf(failure),
        millis,
        failure == null ? null : FailureReason.of(failure));
  }
}
