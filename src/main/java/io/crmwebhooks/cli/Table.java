package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** JSON objects as rows of aligned columns. Made once, then immutable. */
final class Table {
  private final List<String> headings = new ArrayList<>();
  private final List<Function<JsonNode, String>> cells = new ArrayList<>();
  private final String nothing;

  /**
   * @param nothing what is said when there is no row, such as what to do next
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

  /** As {@link #column}, of a count. */
  Table count(String heading, String pointer) {
    return column(heading, row -> Text.number(row.at(pointer)));
  }

  Table column(String heading, Function<JsonNode, String> cell) {
    headings.add(heading);
    cells.add(cell);
    return this;
  }

  /**
   * @param rows an array of objects
   */
  String of(JsonNode rows) {
    if (rows.isEmpty()) {
      return nothing;
    }
    List<List<String>> lines = new ArrayList<>(List.of(headings));
    rows.forEach(row -> lines.add(cells.stream().map(cell -> cell.apply(row)).toList()));
    return Columns.format(lines);
  }
}
