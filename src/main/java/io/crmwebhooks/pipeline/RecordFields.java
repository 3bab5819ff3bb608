package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import java.io.IOException;
import java.util.Set;

/** Keeps some fields of a record. */
final class RecordFields {
  private static final JsonFactory JSON = new JsonFactory();

  private RecordFields() {}

  /**
   * The record as it is sent, or some fields of it; each value as it is written there.
   *
   * @param fields besides {@code id}; null: all
   */
  static String of(Change change, Set<String> fields) {
    String record = change.recordJson();
    if (fields == null) {
      return record;
    }
    StringBuilder kept = new StringBuilder("{");
    try (JsonParser json = JSON.createParser(record)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        int from = (int) json.currentTokenLocation().getCharOffset();
        json.nextToken();
        json.skipChildren();
        json.finishToken();
        if (name.equals("id") || fields.contains(name)) {
          kept.append(kept.length() == 1 ? "" : ",");
          kept.append(record, from, (int) json.currentLocation().getCharOffset());
        }
      }
    } catch (IOException e) {
      throw new Webhook.ProgramFailure("fields: the record cannot be read");
    }
    return kept.append('}').toString();
  }
}
