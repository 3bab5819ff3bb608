package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A change as a CloudEvent 1.0. Its id is that of the delivery, its source names the workspace, and
 * its data is the record. Structured, all of it is the body; binary, the data is, and headers have
 * the attributes. Thread-safe.
 */
final class CloudEvent implements Webhook.Form {
  private static final String STRUCTURED = "application/cloudevents+json";

  private final boolean binary;
  private final Set<String> fields;

  /**
   * @param fields of the record; null: all
   */
  CloudEvent(boolean binary, Set<String> fields) {
    this.binary = binary;
    this.fields = fields;
  }

  @Override
  public byte[] render(Change change, Webhook webhook, String id) {
    String data = RecordFields.of(change, fields);
    if (binary) {
      return data.getBytes(StandardCharsets.UTF_8);
    }
    StringBuilder body = new StringBuilder(data.length() + 300).append('{');
    attributes(change, id)
        .forEach(
            (name, value) -> {
              body.append('"').append(name).append("\":\"");
              JsonStringEncoder.getInstance().quoteAsString(value, body);
              body.append("\",");
            });
    body.append("\"datacontenttype\":\"application/json\",\"data\":").append(data).append('}');
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, String> attributes(Change change, String id) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("id", id);
    attributes.put("specversion", "1.0");
    attributes.put("source", source(change.getWorkspace()));
    attributes.put("type", change.getEvent());
    if (change.getRecordId() != null && !change.getRecordId().isEmpty()) {
      attributes.put("subject", change.getRecordId());
    }
    attributes.put("time", DatabaseTime.iso(change.getOccurredAt()));
    if (change.getAction().equals("updated") && !change.getUpdatedFields().isEmpty()) {
      attributes.put("updatedfields", String.join(",", change.getUpdatedFields()));
    }
    return attributes;
  }

  /** A reference to a URI; the workspace is percent-encoded in it. */
  private static String source(String workspace) {
    return workspace.isEmpty()
        ? "/crm-webhooks"
        : "/crm-webhooks/" + encoded(workspace, "/?#[]@!$&'()*+,;=:");
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public String contentType() {
    return binary ? JSON : STRUCTURED;
  }

  @Override
  public String arrayType() {
    return binary ? JSON : "application/cloudevents-batch+json";
  }

  @Override
  public Map<String, String> headers(Change change, String id) {
    if (!binary) {
      return Map.of();
    }
    Map<String, String> headers = new LinkedHashMap<>();
    attributes(change, id).forEach((name, value) -> headers.put("ce-" + name, encoded(value, "")));
    return headers;
  }

  /** As a header of the HTTP binding: printable ASCII stays, all else is percent-encoded UTF-8. */
  private static String encoded(String value, String besides) {
    StringBuilder encoded = new StringBuilder(value.length());
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      if (b > ' ' && b < 0x7f && b != '"' && b != '%' && besides.indexOf(b) < 0) {
        encoded.append((char) b);
      } else {
        encoded.append('%').append("%02X".formatted(b));
      }
    }
    return encoded.toString();
  }
}
