package io.crmwebhooks.cli;

import java.util.List;
import java.util.stream.IntStream;

/** Rows as aligned columns, for the terminal. */
public final class Columns {
  private static final String GAP = "  ";

  private Columns() {}

  /**
   * Each row as a line. Columns of which all cells but the first row's are numbers stand to the
   * right.
   *
   * @param rows of the same length, the heading first
   */
  public static String format(List<List<String>> rows) {
    int columns = rows.get(0).size();
    int[] widths =
        IntStream.range(0, columns)
            .map(i -> rows.stream().mapToInt(row -> width(row.get(i))).max().orElse(0))
            .toArray();
    boolean[] numeric = new boolean[columns];
    for (int i = 0; i < columns; i++) {
      int column = i;
      numeric[i] =
          rows.size() > 1 && rows.stream().skip(1).allMatch(row -> isNumber(row.get(column)));
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String padding = " ".repeat(widths[i] - width(row.get(i)));
        line.append(numeric[i] ? padding + row.get(i) : row.get(i) + padding).append(GAP);
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }

  private static boolean isNumber(String cell) {
    return cell.matches("-|[0-9,.]+ ?%?");
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
