package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.ProgramFailure;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The filter and the form of a webhook, for somebody who wants to see what they make of changes.
 * Nothing is sent. Immutable.
 */
public record Shape(Webhook.Filter filter, Webhook.Form form) {
  private static final String CONTENT_TYPE = "Content-Type";

  /**
   * The result of a change.
   *
   * @param body null: it is not sent
   * @param headers its content type, and those that tell of the change
   * @param reason why it is not sent; null: it is
   * @param failed whether a program failed, so that its delivery would be dead
   */
  public record Made(String body, Map<String, String> headers, String reason, boolean failed) {
    private static Made unsent(String reason, boolean failed) {
      return new Made(null, Map.of(), reason, failed);
    }

    /** Whether there is a body whose type is of JSON. */
    public boolean isJson() {
      return body != null && CustomBody.isJson(headers.get(CONTENT_TYPE));
    }

    /** Of the body, in characters. */
    public int length() {
      return body == null ? 0 : body.length();
    }
  }

  /** Of a row with {@code filter}, and what {@link Format#of} reads. */
  public static Shape of(Map<String, Object> row) {
    return new Shape(StoredFilter.of((String) row.get("filter")), Format.of(row));
  }

  /** Whether a type is of JSON. */
  public static boolean isJson(String contentType) {
    return CustomBody.isJson(contentType);
  }

  public Made make(Change change, Webhook webhook) {
    try {
      if (!filter.wants(change)) {
        return Made.unsent(Trial.UNWANTED, false);
      }
      String id = Delivery.id(change, webhook);
      String body = new String(form.render(change, webhook, id), StandardCharsets.UTF_8);
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put(CONTENT_TYPE, form.contentType());
      headers.putAll(form.headers(change, id));
      return new Made(body, headers, null, false);
    } catch (ProgramFailure e) {
      return Made.unsent(e.getMessage(), true);
    }
  }
}
