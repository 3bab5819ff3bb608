package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * The form of a webhook's body. A new format is a constant here and the class that renders it. The
 * same change always gives the same bytes. Thread-safe.
 */
public enum Format {
  /**
   * {@code {"event":…,"data":…,"timestamp":…}}, with {@code updatedFields} for updates. The record
   * is spliced in as it is.
   */
  EVENT(Format::event);

  private final Function<Change, String> text;

  Format(Function<Change, String> text) {
    this.text = text;
  }

  /** The one that a webhook gets. */
  public static Format of(Webhook webhook) {
    return EVENT;
  }

  /** The body exactly as it is sent and signed. */
  public byte[] render(Change change) {
    return text.apply(change).getBytes(StandardCharsets.UTF_8);
  }

  /** Renders a change once for all webhooks of a format. Used by one thread. */
  static final class Once {
    private final Change change;
    private final byte[][] bodies = new byte[values().length][];

    Once(Change change) {
      this.change = change;
    }

    byte[] bodyFor(Webhook webhook) {
      Format format = of(webhook);
      byte[] body = bodies[format.ordinal()];
      if (body == null) {
        body = format.render(change);
        bodies[format.ordinal()] = body;
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
