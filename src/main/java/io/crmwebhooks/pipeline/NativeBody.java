package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.Set;

/**
 * The body as Twenty itself sends it, byte for byte but for {@code eventDate}, which is the time of
 * the change. The members that a change does not tell are absent, as in Twenty. See docs/twenty.md.
 */
final class NativeBody {
  private static final Set<String> TELL_FIELDS = Set.of("updated", "deleted", "restored");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final StringBuilder out;
  private char before = '{';

  private NativeBody(int length) {
    this.out = new StringBuilder(length);
  }

  /**
   * The body; it cannot fail unless the record was customised.
   *
   * @throws IllegalStateException when a customised record cannot be written as JSON
   */
  static String of(Change change, Webhook webhook) {
    String record = change.recordJson();
    NativeBody body = new NativeBody(record.length() + 500);
    JsonNode origin = origin(change.originJson());
    body.text("targetUrl", webhook.destination().url());
    body.text("eventName", change.getEvent());
    body.key("objectMetadata").append(objectMetadata(origin, change.getObject()));
    body.text("workspaceId", webhook.workspace());
    body.text("webhookId", webhook.id().toString());
    body.text("eventDate", date(change.getOccurredAt()));
    body.text("userId", origin.path("userId").textValue());
    body.text("workspaceMemberId", origin.path("workspaceMemberId").textValue());
    JavaScriptJson.append(body.key("record"), record);
    if (change.updatedFieldsJson() != null && TELL_FIELDS.contains(change.getAction())) {
      JavaScriptJson.append(body.key("updatedFields"), change.updatedFieldsJson());
    }
    return body.out.append('}').toString();
  }

  private static JsonNode origin(String json) {
    try {
      return json == null ? MissingNode.getInstance() : JSON.readTree(json);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance(); // it nests too deep to be one of Twenty's
    }
  }

  private static CharSequence objectMetadata(JsonNode origin, String object) {
    NativeBody metadata = new NativeBody(100);
    metadata.text("id", origin.path("objectMetadataId").textValue());
    metadata.text("nameSingular", object);
    return metadata.out.append('}');
  }

  /** JavaScript writes three decimals, always. */
  private static String date(Instant time) {
    String iso = DatabaseTime.iso(time);
    return time.get(ChronoField.MILLI_OF_SECOND) == 0
        ? iso.substring(0, iso.length() - 1) + ".000Z"
        : iso;
  }

  /** Absent where the value is null, as what is undefined in JavaScript. */
  private void text(String name, String value) {
    if (value != null) {
      JavaScriptJson.appendText(key(name), value);
    }
  }

  private StringBuilder key(String name) {
    out.append(before).append('"').append(name).append("\":");
    before = ',';
    return out;
  }
}
