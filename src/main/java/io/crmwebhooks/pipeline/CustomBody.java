package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.ProgramFailure;
import io.crmwebhooks.jq.ProgramException;
import java.nio.charset.StandardCharsets;

/**
 * A body that a program of the webhook makes. A text is sent as it is where the type is not of
 * JSON. Thread-safe.
 */
final class CustomBody implements Webhook.Form {
  /** Of a body, as of records by default. */
  private static final int MOST_BYTES = 5 << 20;

  private final String program;
  private final String contentType;

  /**
   * @param contentType null: JSON
   */
  CustomBody(String program, String contentType) {
    this.program = program;
    this.contentType = contentType == null ? JSON : contentType;
    Programs.prepare(program);
  }

  @Override
  public byte[] render(Change change, Webhook webhook, String id) {
    try {
      JsonNode made = Programs.of(program).run(Facts.sent(change));
      String text = text(isOfArray(webhook) ? withId(made, id) : made);
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      if (body.length > MOST_BYTES) {
        throw new ProgramFailure("body is larger than %d bytes".formatted(MOST_BYTES));
      }
      return body;
    } catch (ProgramException | IllegalArgumentException e) {
      throw new ProgramFailure("body " + e.getMessage());
    }
  }

  private static boolean isOfArray(Webhook webhook) {
    return webhook.limits().batching().isArray();
  }

  /** An element of an array has the delivery's id, in place of one that the program gives it. */
  static JsonNode withId(JsonNode body, String id) {
    return body instanceof ObjectNode given
        ? JsonNodeFactory.instance
            .objectNode()
            .put("id", id)
            .setAll(given.deepCopy().<ObjectNode>without("id"))
        : body;
  }

  private String text(JsonNode value) {
    if (Webhook.Form.isJson(contentType)) {
      return Facts.text(value);
    }
    if (!value.isTextual()) {
      throw new ProgramFailure(
          "body gives %s; with type %s it must give a text"
              .formatted(
                  value.getNodeType().toString().toLowerCase(java.util.Locale.ROOT), contentType));
    }
    if (!StorableText.isOne(value.textValue())) {
      throw new ProgramFailure(
          "body gives a NUL, half of a character, or one that the database cannot keep");
    }
    return value.textValue();
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public String contentType() {
    return contentType;
  }

  @Override
  public boolean mayFail() {
    return true;
  }
}
