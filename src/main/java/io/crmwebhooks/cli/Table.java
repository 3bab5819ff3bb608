package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** JSON objects as rows of aligned columns. Made once, then immutable. */
final class Table {
  private static final String GAP = "  ";

  private final List<String> headings = new ArrayList<>();
  private final List<Function<JsonNode, String>> cells = new ArrayList<>();
  private final String nothing;

  /**
   * @param nothing is said when there is no row, such as what to do next
   */
  Table(String nothing) {
    this.nothing = nothing;
  }

  /**
   * @param pointer to the value in a row, such as {@code /durationMs/p50}
   */
  Table column(String heading, String pointer) {
    return column(heading, row -> Text.of(row.at(pointer)));
  }

  /** As {@link #column}, for a count. */
  Table count(String heading, String pointer) {
    return column(heading, row -> Text.number(row.at(pointer)));
  }

  Table column(String heading, Function<JsonNode, String> cell) {
    headings.add(heading);
    cells.add(cell);
    return this;
  }

  /**
   * Each row as a line. Columns whose cells are all numbers stand to the right.
   *
   * @param rows an array of objects
   */
  String of(JsonNode rows) {
    if (rows.isEmpty()) {
      return nothing;
    }
    List<StringBuilder> lines = new ArrayList<>();
    for (int i = 0; i <= rows.size(); i++) {
      lines.add(new StringBuilder());
    }
    for (int i = 0; i < headings.size(); i++) {
      List<String> column = new ArrayList<>(List.of(headings.get(i)));
      Function<JsonNode, String> cell = cells.get(i);
      rows.forEach(row -> column.add(cell.apply(row)));
      append(lines, column);
    }
    StringBuilder text = new StringBuilder();
    lines.forEach(
        line -> text.append(line.toString().stripTrailing()).append(System.lineSeparator()));
    return text.toString();
  }

  private static void append(List<StringBuilder> lines, List<String> column) {
    int width = column.stream().mapToInt(Table::width).max().orElse(0);
    boolean numeric = column.stream().skip(1).allMatch(text -> text.matches("-|[0-9,.]+ ?%?"));
    for (int i = 0; i < lines.size(); i++) {
      String text = column.get(i);
      String padding = " ".repeat(width - width(text));
      lines.get(i).append(numeric ? padding + text : text + padding).append(GAP);
    }
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
