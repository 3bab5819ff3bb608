package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.CapturedTable;
import io.crmwebhooks.admin.Json;
import java.util.ArrayList;
import java.util.List;

/** The captured tables as aligned columns, or as JSON. */
final class CaptureList {
  private static final List<String> HEADER =
      List.of("SCHEMA", "TABLE", "OBJECT", "WORKSPACE", "IGNORED COLUMNS", "STATE");

  private CaptureList() {}

  static ArrayNode json(List<CapturedTable> tables) {
    ArrayNode rows = Json.array();
    for (CapturedTable table : tables) {
      ObjectNode row =
          rows.addObject()
              .put("schema", table.schema())
              .put("table", table.name())
              .put("object", table.object())
              .put("workspace", table.workspace());
      table.ignored().forEach(row.putArray("ignoredColumns")::add);
      row.put("problem", table.problem());
    }
    return rows;
  }

  static String format(List<CapturedTable> tables) {
    if (tables.isEmpty()) {
      return "No table is captured yet, so no event is ever sent. Begin with:%n  crm-webhooks capture install --table person%n"
          .formatted();
    }
    List<List<String>> rows = new ArrayList<>(List.of(HEADER));
    tables.forEach(
        table ->
            rows.add(
                List.of(
                    table.schema(),
                    table.name(),
                    table.object(),
                    table.workspace().isEmpty() ? "-" : table.workspace(),
                    table.ignored().isEmpty() ? "-" : String.join(", ", table.ignored()),
                    table.problem() == null ? "captured" : table.problem())));
    return Columns.format(rows);
  }
}
