package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Captures;
import io.crmwebhooks.admin.Json;
import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/**
 * The operations of {@code openapi.json}, carried out by a server or by this very process on the
 * database. A command cannot tell which. Used by one thread.
 */
interface AdminApi extends AutoCloseable {
  /** The most rows that the API gives in one page. */
  int LARGEST_PAGE = 200;

  /**
   * @return the answer; a missing node if there is no body
   * @throws Problem when the API does not do it, in its own words
   * @throws CommandFailure when nobody can be asked
   * @throws SQLException when the database has failed, and there is no server to say so
   */
  JsonNode call(Request request) throws Exception;

  /**
   * The first rows of a list. A page may be empty although there are more, so this goes on until it
   * has enough rows or there are no more.
   *
   * @param found is told the number of rows before each page
   * @param pages gets each page
   */
  default ArrayNode rows(Request list, int limit, IntConsumer found, Consumer<JsonNode> pages)
      throws Exception {
    ArrayNode rows = Json.array();
    String cursor = null;
    do {
      found.accept(rows.size());
      int wanted = Math.min(LARGEST_PAGE, limit - rows.size());
      JsonNode page = call(list.with("limit", wanted).with("cursor", cursor));
      pages.accept(page);
      rows.addAll((ArrayNode) page.path("data"));
      cursor = page.path("nextCursor").textValue();
    } while (cursor != null && rows.size() < limit);
    return rows;
  }

  /** The captured tables, where they are within reach: on the database, never by a token. */
  default Optional<Captures> captures() {
    return Optional.empty();
  }

  @Override
  void close();

  /**
   * A request to the API, before it is known how it gets there. Immutable.
   *
   * @param path as in {@code openapi.json}, with the ids in it
   * @param query by name
   * @param body null: none
   * @param progress of long work; null: it is done at once
   */
  record Request(
      String method,
      String path,
      Map<String, String> query,
      JsonNode body,
      DoubleConsumer progress) {
    static Request of(String method, String path) {
      return new Request(method, path, Map.of(), null, null);
    }

    static Request get(String path) {
      return of("GET", path);
    }

    static Request post(String path) {
      return of("POST", path);
    }

    static Request delete(String path) {
      return of("DELETE", path);
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

    /** The query as the fields of a body. */
    ObjectNode queryAsFields() {
      ObjectNode fields = Json.object();
      query.forEach(fields::put);
      return fields;
    }

    /** The text behind the question mark; empty when there is no query. */
    String rawQuery() {
      return query.entrySet().stream()
          .map(
              each ->
                  each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
          .collect(Collectors.joining("&"));
    }
  }
}
