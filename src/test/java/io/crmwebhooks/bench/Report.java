package io.crmwebhooks.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** All that was measured, as a table for people and as JSON for programs. */
final class Report {
  private final Map<String, List<Measure>> byScenario = new LinkedHashMap<>();

  void add(Measure measure) {
    byScenario.computeIfAbsent(measure.scenario(), k -> new ArrayList<>()).add(measure);
  }

  private List<Measure> medians() {
    return byScenario.values().stream().map(Measure::median).toList();
  }

  /** A line a scenario, the columns aligned; also a table in Markdown. */
  String table() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of(
            "scenario",
            "per s",
            "ratio",
            "sender CPU s",
            "PostgreSQL CPU s",
            "MiB",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "longest ms",
            "missing",
            "repeated",
            "forged"));
    lines.add(
        List.of(
            "---", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:",
            "--:"));
    medians().forEach(measure -> lines.add(cells(measure)));
    return lines.stream().map(cells -> line(cells, lines)).collect(Collectors.joining("\n"))
        + medians().stream().map(Report::further).collect(Collectors.joining());
  }

  /** A line of what only this scenario measures. */
  static String further(Measure m) {
    return m.further().isEmpty()
        ? ""
        : m.further().entrySet().stream()
            .map(each -> each.getKey() + " " + text("%,.2f", each.getValue()))
            .collect(Collectors.joining(", ", "\n" + m.scenario() + ": ", ""));
  }

  private static List<String> cells(Measure m) {
    return List.of(
        m.scenario(),
        text("%,.0f", m.rate()),
        text("%.2f", m.ratio()),
        text("%.2f", m.senderCpu()),
        text("%.2f", m.postgresCpu()),
        text("%.0f", m.peakMemory()),
        text("%.1f", m.p50()),
        text("%.1f", m.p95()),
        text("%.1f", m.p99()),
        text("%.1f", m.longest()),
        text("%.0f", m.missing()),
        text("%.0f", m.repeated()),
        text("%.0f", m.forged()));
  }

  private static String text(String format, Double number) {
    return number == null ? "" : String.format(Locale.ROOT, format, number);
  }

  private static String line(List<String> cells, List<List<String>> all) {
    StringBuilder line = new StringBuilder("|");
    for (int column = 0; column < cells.size(); column++) {
      int at = column;
      int width =
          all.stream().mapToInt(cellsOfLine -> cellsOfLine.get(at).length()).max().orElse(0);
      String alignment = column == 0 ? "-" : "";
      line.append(String.format(" %" + alignment + width + "s |", cells.get(column)));
    }
    return line.toString();
  }

  /** The medians and every run. */
  void write(Path file, Map<String, ?> circumstances) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("circumstances", circumstances);
    all.put("medians", medians());
    all.put("runs", byScenario);
    new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), all);
  }
}
