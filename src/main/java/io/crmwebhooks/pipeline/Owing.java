package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.ProgramFailure;
import io.crmwebhooks.jq.Allowance;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Says to whom a change is owed: to the webhooks that are subscribed to its event and whose filters
 * want it. A delivery that a program fails on is owed as well, and cannot be sent. Thread-safe.
 */
public final class Owing {
  /** Of a body that may fail and was made to see that; a larger one is made again. */
  private static final int KEPT_BYTES = 16 * 1024;

  private final Subscriptions subscriptions;
  private final Consumer<Webhook> leftOut;

  /**
   * @param leftOut is told each time that a filter does not want a change; never fails
   */
  public Owing(Subscriptions subscriptions, Consumer<Webhook> leftOut) {
    this.subscriptions = subscriptions;
    this.leftOut = leftOut;
  }

  /** The deliveries of a change of a batch as they are when no route touches them. */
  List<Delivery> of(Change change, Batch batch) {
    var webhooks = batch.webhooks(subscriptions).matching(change.getWorkspace(), change.getEvent());
    List<Delivery> owed = new ArrayList<>(webhooks.size());
    Format.Once rendered = new Format.Once(change);
    try (Allowance together = Allowance.open()) {
      for (Webhook webhook : webhooks) {
        add(owed, change, webhook, rendered);
      }
    }
    change.forgetTree(); // it is several times the record
    return owed;
  }

  /** As {@link #of}, for a replay to one webhook. */
  List<Delivery> again(Change change, Webhook webhook) {
    List<Delivery> owed = new ArrayList<>(1);
    add(owed, change, webhook, new Format.Once(change));
    return owed;
  }

  private void add(List<Delivery> owed, Change change, Webhook webhook, Format.Once rendered) {
    try {
      if (webhook.interest().filter().wants(change)) {
        owed.add(Delivery.first(change, webhook, body(change, webhook, rendered)));
      } else {
        leftOut.accept(webhook);
      }
    } catch (ProgramFailure e) {
      owed.add(Delivery.first(change, webhook, Delivery.Content.unsendable(e.getMessage())));
    }
  }

  private static byte[] body(Change change, Webhook webhook, Format.Once rendered) {
    if (!webhook.form().mayFail()) {
      return rendered.bodyFor(webhook);
    }
    byte[] body = webhook.form().render(change, webhook, Delivery.id(change, webhook));
    return body.length <= KEPT_BYTES || change.isCustomised() ? body : null;
  }
}
