package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;

/**
 * A request to the admin API, before it is known how it gets there. Immutable.
 *
 * @param path as in {@code openapi.json}, with the ids in it
 * @param query by name
 * @param body null: none
 * @param progress of long work; null: it is done at once
 */
record Request(
    String method, String path, Map<String, String> query, JsonNode body, DoubleConsumer progress) {
  static Request get(String path) {
    return new Request("GET", path, Map.of(), null, null);
  }

  static Request post(String path) {
    return new Request("POST", path, Map.of(), null, null);
  }

  static Request patch(String path, JsonNode body) {
    return new Request("PATCH", path, Map.of(), body, null);
  }

  static Request delete(String path) {
    return new Request("DELETE", path, Map.of(), null, null);
  }

  /** With a query parameter, unless its value is null. */
  Request with(String name, Object value) {
    if (value == null) {
      return this;
    }
    Map<String, String> more = new LinkedHashMap<>(query);
    more.put(name, value.toString());
    return new Request(method, path, more, body, progress);
  }

  Request with(JsonNode otherBody) {
    return new Request(method, path, query, otherBody, progress);
  }

  /** As a request that may take minutes. */
  Request watchedBy(DoubleConsumer watcher) {
    return new Request(method, path, query, body, watcher);
  }

  boolean isLong() {
    return progress != null;
  }

  /** What stands behind the question mark; empty when there is no query. */
  String rawQuery() {
    return query.entrySet().stream()
        .map(
            each ->
                each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }
}
