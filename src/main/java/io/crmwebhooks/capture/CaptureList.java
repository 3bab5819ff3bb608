package io.crmwebhooks.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

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
    int[] widths =
        IntStream.range(0, HEADER.size())
            .map(i -> rows.stream().mapToInt(row -> width(row.get(i))).max().orElse(0))
            .toArray();
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - width(row.get(i)) + 2));
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
