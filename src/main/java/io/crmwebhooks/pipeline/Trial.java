package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/**
 * Takes a change through the dispatch steps to see what becomes of it. Nothing is sent or recorded.
 * Used by one thread.
 */
public final class Trial {
  /** The begin of the steps in a context for trials. */
  public static final String START = "direct:try-change";

  /** The route that it leads to. */
  public static final String STEPS = "direct:dispatch-change";

  /**
   * The body for a webhook.
   *
   * @param webhook null: no webhook wants the change, and this is the documented body
   * @param before as it would be sent if no step touched it; null when it has none
   * @param after as it is sent; null when it is not
   * @param request what differs otherwise in how it is sent; null: nothing
   * @param reason why a program of the webhook keeps it from being sent; null: none does
   */
  public record Body(UUID webhook, String before, String after, Request request, String reason) {
    static Body unsent(UUID webhook, String before, String reason) {
      return new Body(webhook, before, null, null, reason);
    }
  }

  /**
   * The fate of a change.
   *
   * @param failure why it failed; null: it did not
   * @param dropped whether {@code customise-change} has left it out
   * @param skipped the steps that were not taken, since they have effects outside
   */
  public record Result(
      Change change, String failure, boolean dropped, List<Body> bodies, List<String> skipped) {}

  private static final Duration LONG = Duration.ofDays(1);

  private final ProducerTemplate routes;
  private final Subscriptions subscriptions;

  public Trial(ProducerTemplate routes, Subscriptions subscriptions) {
    this.routes = routes;
    this.subscriptions = subscriptions;
  }

  /** Takes no longer than {@code webhooks.customise.timeout}. */
  public Result of(Change change) {
    Batch batch =
        new Batch(
            List.of(change),
            new Claims.Claim(0, LONG, Duration.ZERO),
            Batch.Hold.NOTHING,
            News.UNTOLD);
    Map<UUID, String> before = untouched(change);
    Exchange exchange =
        routes.send(
            START,
            start -> {
              start.getMessage().setBody(change);
              Carried.BATCH.put(start, batch);
              Carried.VERDICTS.put(start, batch.verdicts());
              OutsideSteps.note(start);
            });
    String failure = batch.verdicts().parked().get(change.getId());
    boolean dropped = !batch.verdicts().dropped().isEmpty();
    List<Body> bodies = new ArrayList<>();
    if (failure != null || dropped) {
      before.forEach((webhook, body) -> bodies.add(Body.unsent(webhook, body, null)));
    } else if (before.containsKey(null)) {
      String after = text(Format.EVENT.render(change, null, null));
      bodies.add(new Body(null, before.get(null), after, null, null));
    } else {
      batch.all().forEach(delivery -> bodies.add(body(delivery, before)));
      bodies.forEach(body -> before.remove(body.webhook()));
      before.forEach((webhook, body) -> bodies.add(Body.unsent(webhook, body, Preview.UNWANTED)));
    }
    return new Result(change, failure, dropped, bodies, OutsideSteps.skipped(exchange));
  }

  private Map<UUID, String> untouched(Change change) {
    Map<UUID, String> bodies = new LinkedHashMap<>();
    if (change.problem() == null) {
      for (Webhook webhook :
          subscriptions.now().matching(change.getWorkspace(), change.getEvent())) {
        String id = Delivery.id(change, webhook);
        bodies.put(webhook.id(), Preview.unfiltered(change, webhook, id).body());
      }
    }
    if (bodies.isEmpty()) {
      bodies.put(
          null, change.problem() == null ? text(Format.EVENT.render(change, null, null)) : null);
    }
    return bodies;
  }

  private static Body body(Delivery delivery, Map<UUID, String> before) {
    UUID webhook = delivery.webhook().id();
    if (delivery.problem() != null) {
      return Body.unsent(webhook, before.get(webhook), delivery.problem());
    }
    String after = delivery.isLeftOut() ? null : text(delivery.body());
    return new Body(webhook, before.get(webhook), after, delivery.request(), null);
  }

  private static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }
}
