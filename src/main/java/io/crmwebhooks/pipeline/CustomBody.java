package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
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
  }

  /** Whether a type is of JSON: its subtype is, or ends so. */
  static boolean isJson(String contentType) {
    String type = contentType.split(";", 2)[0].strip().toLowerCase(java.util.Locale.ROOT);
    return type.endsWith("/json") || type.endsWith("+json");
  }

  @Override
  public byte[] render(Change change, Webhook webhook, String id) {
    try {
      byte[] body =
          text(Programs.of(program).run(Facts.sent(change))).getBytes(StandardCharsets.UTF_8);
      if (body.length > MOST_BYTES) {
        throw new ProgramFailure("body is larger than %d bytes".formatted(MOST_BYTES));
      }
      return body;
    } catch (ProgramException | IllegalArgumentException e) {
      throw new ProgramFailure("body " + e.getMessage());
    }
  }

  private String text(JsonNode value) {
    if (isJson(contentType)) {
      return Facts.text(value);
    }
    if (!value.isTextual()) {
      throw new ProgramFailure(
          "body gives %s; with type %s it must give a text"
              .formatted(
                  value.getNodeType().toString().toLowerCase(java.util.Locale.ROOT), contentType));
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
