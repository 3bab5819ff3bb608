package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.BiFunction;

/**
 * The form of a webhook's body. A new format is a constant here and the class that renders it. The
 * same change always gives the same bytes. Thread-safe.
 */
public enum Format implements Webhook.Form {
  /**
   * {@code {"event":…,"data":…,"timestamp":…}}, with {@code updatedFields} for updates. The record
   * is spliced in as it is.
   */
  EVENT(true, (change, webhook) -> event(change)),

  /** As Twenty itself sends it. */
  NATIVE(false, NativeBody::of);

  private final boolean shared;
  private final BiFunction<Change, Webhook, String> text;

  Format(boolean shared, BiFunction<Change, Webhook, String> text) {
    this.shared = shared;
    this.text = text;
  }

  /** By its name in the column {@code webhooks.subscription.format}. */
  public static Format named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  @Override
  public byte[] render(Change change, Webhook webhook) {
    return text.apply(change, webhook).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean isShared() {
    return shared;
  }

  /** Renders a change once for all webhooks that get the same bytes. Used by one thread. */
  static final class Once {
    private final Change change;
    private Webhook.Form form;
    private byte[] body;

    Once(Change change) {
      this.change = change;
    }

    /**
     * The body; null when it differs from webhook to webhook and follows from the change, so that
     * it need not be kept.
     */
    byte[] bodyFor(Webhook webhook) {
      if (!webhook.form().isShared()) {
        return change.isCustomised() ? webhook.form().render(change, webhook) : null;
      }
      if (form != webhook.form()) {
        form = webhook.form();
        body = form.render(change, webhook);
      }
      return body;
    }
  }

  private static String event(Change change) {
    String record = change.recordJson();
    StringBuilder body = new StringBuilder(record.length() + 120);
    body.append("{\"event\":\"");
    JsonStringEncoder.getInstance().quoteAsString(change.getEvent(), body);
    body.append("\",\"data\":").append(record).append(",\"timestamp\":\"");
    body.append(DatabaseTime.iso(change.getOccurredAt())).append('"');
    if (change.updatedFieldsJson() != null && change.getAction().equals("updated")) {
      body.append(",\"updatedFields\":").append(change.updatedFieldsJson());
    }
    return body.append('}').toString();
  }
}
