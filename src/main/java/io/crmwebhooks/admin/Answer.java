package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;

/**
 * What an operation answers.
 *
 * @param body null: none
 */
public record Answer(int status, JsonNode body, Map<String, String> headers) {
  public static Answer ok(JsonNode body) {
    return new Answer(200, body, Map.of());
  }

  public static Answer noContent() {
    return new Answer(204, null, Map.of());
  }

  /** 201 with where it is to be found from now on. */
  public static Answer created(String location, JsonNode body) {
    return new Answer(201, body, Map.of("Location", location));
  }

  /** With the version of what is shown, for {@code If-Match}. */
  public Answer withETag(String version) {
    return with("ETag", '"' + version + '"');
  }

  private Answer with(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(name, value);
    return new Answer(status, body, Map.copyOf(more));
  }
}
