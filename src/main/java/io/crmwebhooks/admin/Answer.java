package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;

/**
 * The answer of an operation.
 *
 * @param body null: none
 */
public record Answer(int status, JsonNode body, Map<String, String> headers) {
  static Answer ok(JsonNode body) {
    return new Answer(200, body, Map.of());
  }

  static Answer noContent() {
    return new Answer(204, null, Map.of());
  }

  /** 201 with where it is to be found from now on. */
  static Answer created(String location, JsonNode body) {
    return new Answer(201, body, Map.of("Location", location));
  }

  /** 202: it is done soon. */
  static Answer accepted(JsonNode body) {
    return new Answer(202, body, Map.of());
  }

  /** With the version of what is shown, for {@code If-Match}. */
  Answer withETag(String version) {
    Map<String, String> more = new HashMap<>(headers);
    more.put("ETag", '"' + version + '"');
    return new Answer(status, body, Map.copyOf(more));
  }
}
