package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook.ProgramFailure;

/**
 * The facts of a change that the programs of webhooks see: {@code event}, {@code object}, {@code
 * action}, {@code record}, {@code updatedFields}, {@code workspace} and {@code timestamp}.
 */
final class Facts {
  // Numbers keep every digit as long as nobody calculates with them.
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final ObjectWriter ASCII = JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private Facts() {}

  /** JSON, such as a record, as the programs see it; a missing node when it cannot be read. */
  static JsonNode read(String written) {
    try {
      return JSON.readTree(written);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  /** Of a change as it was captured. */
  static ObjectNode captured(Change change) {
    return of(change, (JsonNode) change.recordTree());
  }

  /** Of a change as it is sent. */
  static ObjectNode sent(Change change) {
    return change.isCustomised() ? of(change, read(change.recordJson())) : captured(change);
  }

  private static ObjectNode of(Change change, JsonNode record) {
    if (record.isMissingNode()) {
      throw new ProgramFailure(
          "the record nests too deep, or has too long a number, for a program");
    }
    ObjectNode facts = JsonNodeFactory.instance.objectNode();
    facts.put("event", change.getEvent());
    facts.put("object", change.getObject());
    facts.put("action", change.getAction());
    facts.set("record", record);
    if (change.updatedFieldsJson() == null) {
      facts.set("updatedFields", NullNode.getInstance());
    } else {
      ArrayNode fields = facts.putArray("updatedFields");
      change.getUpdatedFields().forEach(fields::add);
    }
    facts.put("workspace", change.getWorkspace());
    facts.put("timestamp", DatabaseTime.iso(change.getOccurredAt()));
    return facts;
  }

  /** As it is sent; characters that the database cannot keep are escaped. */
  static String text(JsonNode value) {
    try {
      String text = JSON.writeValueAsString(value);
      return StorableText.isOne(text) ? text : ASCII.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new ProgramFailure("body gives a value that is no JSON: " + e.getOriginalMessage());
    }
  }
}
