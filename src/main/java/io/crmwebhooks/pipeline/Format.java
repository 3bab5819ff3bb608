package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
  EVENT(true, (change, webhook) -> event(change, change.recordJson())),

  /** As Twenty itself sends it. */
  NATIVE(false, NativeBody::of),

  /** As {@link #EVENT}, but of the record its id only. */
  THIN(true, (change, webhook) -> event(change, RecordFields.of(change, Set.of())));

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TypeReference<Set<String>> NAMES = new TypeReference<>() {};

  private final boolean shared;
  private final BiFunction<Change, Webhook, String> text;

  Format(boolean shared, BiFunction<Change, Webhook, String> text) {
    this.shared = shared;
    this.text = text;
  }

  /**
   * Of a row with {@code format}, and what goes with it: {@code fields} as a JSON array, {@code
   * program}, {@code content_type} and {@code cloud_events_mode}. A field that was stored past the
   * check of saving and does not go with the format is ignored.
   */
  public static Webhook.Form of(Map<String, Object> row) {
    String name = (String) row.get("format");
    Set<String> fields = names((String) row.get("fields"));
    return switch (name) {
      case "cloudevents" -> new CloudEvent("binary".equals(row.get("cloud_events_mode")), fields);
      case "custom" ->
          new CustomBody((String) row.get("program"), (String) row.get("content_type"));
      case "event" -> fields == null ? EVENT : new SelectedFields(fields);
      default -> valueOf(name.toUpperCase(Locale.ROOT));
    };
  }

  private static Set<String> names(String json) {
    try {
      return json == null ? null : Set.copyOf(MAPPER.readValue(json, NAMES));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("PostgreSQL wrote other JSON than the schema allows", e);
    }
  }

  @Override
  public byte[] render(Change change, Webhook webhook, String id) {
    return text.apply(change, webhook).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean isShared() {
    return shared;
  }

  /** {@link #EVENT} with some fields of the record. */
  private record SelectedFields(Set<String> fields) implements Webhook.Form {
    @Override
    public byte[] render(Change change, Webhook webhook, String id) {
      return event(change, RecordFields.of(change, fields)).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean isShared() {
      return false;
    }
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
        return change.isCustomised()
            ? webhook.form().render(change, webhook, Delivery.id(change, webhook))
            : null;
      }
      if (form != webhook.form()) {
        form = webhook.form();
        body = form.render(change, webhook, null);
      }
      return body;
    }
  }

  private static String event(Change change, String record) {
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
