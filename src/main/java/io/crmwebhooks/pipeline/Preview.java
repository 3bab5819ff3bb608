package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Limits;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.ProgramFailure;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The request that a webhook would make of a change, for somebody who only wants to see it. Nothing
 * is sent. Immutable.
 *
 * @param body null: it is not sent
 * @param headers its content type, and those that tell of the change
 * @param reason why it is not sent; null: it is
 * @param failed whether a program failed, so that its delivery would be dead
 */
public record Preview(String body, Map<String, String> headers, String reason, boolean failed) {
  static final String UNWANTED = "not wanted by the filter";

  private static final String CONTENT_TYPE = "Content-Type";

  private static Preview unsent(String reason, boolean failed) {
    return new Preview(null, Map.of(), reason, failed);
  }

  /** As the filter and the form of the webhook make it. */
  public static Preview of(Change change, Webhook webhook) {
    try {
      return webhook.interest().filter().wants(change)
          ? unfiltered(change, webhook, Delivery.id(change, webhook))
          : unsent(UNWANTED, false);
    } catch (ProgramFailure e) {
      return unsent(e.getMessage(), true);
    }
  }

  /**
   * As the form of the webhook makes it, whatever the filter says.
   *
   * @param id of the delivery
   */
  public static Preview unfiltered(Change change, Webhook webhook, String id) {
    Delivery.Content made = Delivery.Content.rendered(change, webhook, id, null);
    if (made.problem() != null) {
      return unsent(made.problem(), true);
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(CONTENT_TYPE, webhook.form().contentType());
    headers.putAll(webhook.form().headers(change, id));
    return new Preview(new String(made.body(), StandardCharsets.UTF_8), headers, null, false);
  }

  /**
   * A webhook as far as a preview tells of it.
   *
   * @param row has {@code filter}, and what {@link Format#of} reads
   */
  public static Webhook webhook(UUID id, String workspace, String url, Map<String, Object> row) {
    return new Webhook(
        new Webhook.Name(id, null, Map.of()),
        new Webhook.Interest(
            workspace,
            List.of(),
            false,
            Webhook.Interest.ALWAYS,
            StoredFilter.of((String) row.get("filter"))),
        Format.of(row),
        new Limits(1, null, null, null, Limits.Batching.NONE),
        Webhook.Ordering.NONE,
        () -> url);
  }

  /** Whether there is a body whose type is of JSON. */
  public boolean isJson() {
    return body != null && Webhook.Form.isJson(headers.get(CONTENT_TYPE));
  }

  /** Of the body, in characters. */
  public int length() {
    return body == null ? 0 : body.length();
  }
}
