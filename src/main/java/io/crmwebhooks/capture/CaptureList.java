package io.crmwebhooks.capture;

import io.crmwebhooks.Columns;
import java.util.ArrayList;
import java.util.List;

/** The captured tables as aligned columns, for the terminal. */
final class CaptureList {
  private static final List<String> HEADER =
      List.of("SCHEMA", "TABLE", "OBJECT", "WORKSPACE", "IGNORED COLUMNS");

  private CaptureList() {}

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
                    table.ignored().isEmpty() ? "-" : String.join(", ", table.ignored()))));
    return Columns.format(rows);
  }
}
