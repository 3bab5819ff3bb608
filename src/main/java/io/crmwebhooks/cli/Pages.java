package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.crmwebhooks.admin.Json;

/** Lists that the API gives page by page. */
final class Pages {
  private static final int LARGEST = 200;

  private Pages() {}

  /**
   * The first rows of a list. A page may be empty although there are more, so it goes on until
   * there are enough of them or no more.
   */
  static ArrayNode read(AdminApi api, Request list, int limit, ProgressBar bar) throws Exception {
    ArrayNode rows = Json.array();
    String cursor = null;
    do {
      bar.note("looking back, %,d found".formatted(rows.size()));
      JsonNode page =
          api.call(
              list.with("limit", Math.min(LARGEST, limit - rows.size())).with("cursor", cursor));
      rows.addAll((ArrayNode) page.path("data"));
      cursor = page.path("nextCursor").textValue();
    } while (cursor != null && rows.size() < limit);
    return rows;
  }
}
