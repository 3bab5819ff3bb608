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
   * Adds columns by their headings and the places of their values in a row.
   *
   * @param columns such as {@code EVENT /event, P50 MS #/durationMs/p50}; a count has the mark #
   */
  Table columns(String columns) {
    for (String column : columns.split(", ")) {
      int space = column.lastIndexOf(' ');
      String place = column.substring(space + 1);
      boolean count = place.startsWith("#");
      column(
          column.substring(0, space),
          row -> count ? Text.number(row.at(place.substring(1))) : Text.of(row.at(place)));
    }
    return this;
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
