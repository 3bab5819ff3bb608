package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.ProgramFailure;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The filter and the form of a webhook, for somebody who wants to see what they make of changes.
 * Nothing is sent. Immutable.
 */
public record Shape(Webhook.Filter filter, Webhook.Form form) {

  /**
   * What is made of a change.
   *
   * @param body null: it is not sent
   * @param reason why it is not sent; null: it is
   */
  public record Made(String body, Map<String, String> headers, String reason) {}

  /** Of a row with {@code filter}, and what {@link Format#of} reads. */
  public static Shape of(Map<String, Object> row) {
    return new Shape(StoredFilter.of((String) row.get("filter")), Format.of(row));
  }

  public Made make(Change change, Webhook webhook) {
    try {
      if (!filter.wants(change)) {
        return new Made(null, Map.of(), Trial.UNWANTED);
      }
      String id = Delivery.id(change, webhook);
      String body = new String(form.render(change, webhook, id), StandardCharsets.UTF_8);
      return new Made(body, form.headers(change, id), null);
    } catch (ProgramFailure e) {
      return new Made(null, Map.of(), e.getMessage());
    }
  }
}
