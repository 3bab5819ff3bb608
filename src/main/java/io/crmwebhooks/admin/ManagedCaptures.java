package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.settings.StartupException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The captured tables of a file: captures those that it names, and releases those that it named
 * before. Each is a transaction of its own, so a run that breaks off is taken up by the next one.
 */
public final class ManagedCaptures {
  /** A table that a file wants captured, and how. */
  public record Wanted(
      String schema, String table, String object, String workspace, List<String> ignored) {
    String name() {
      return schema + "." + table;
    }
  }

  /**
   * Something to be done with a table.
   *
   * @param action {@code capture}, {@code change} or {@code release}
   * @param problem why it cannot be done; null: nothing speaks against it
   */
  public record Step(String action, Wanted table, String problem) {
    /** For scripts. */
    public ObjectNode json() {
      ObjectNode json =
          Json.object()
              .put("action", action)
              .put("schema", table.schema())
              .put("table", table.table())
              .put("object", table.object())
              .put("workspace", table.workspace());
      table.ignored().forEach(json.putArray("ignoredColumns")::add);
      return json.put("problem", problem);
    }
  }

  private final Captures captures;

  public ManagedCaptures(Captures captures) {
    this.captures = captures;
  }

  /**
   * The steps that lead from the tables as they are captured to those of a file; none where they
   * are the same.
   */
  public List<Step> steps(String file, List<Wanted> wanted) {
    List<Step> steps = new ArrayList<>();
    Set<String> named = new HashSet<>();
    List<ObjectNode> now = captures.list();
    for (Wanted table : wanted) {
      named.add(table.name());
      ObjectNode captured =
          now.stream().filter(row -> of(row).name().equals(table.name())).findFirst().orElse(null);
      if (captured == null) {
        steps.add(new Step("capture", table, null));
      } else if (!of(captured).equals(table)
          || captured.hasNonNull("problem")
          || !captured.path("file").asText().equals(file)) {
        steps.add(new Step("change", table, owner(captured, file)));
      }
    }
    for (ObjectNode row : now) {
      if (row.path("file").asText().equals(file) && !named.contains(of(row).name())) {
        steps.add(new Step("release", of(row), null));
      }
    }
    return steps;
  }

  private static Wanted of(ObjectNode row) {
    List<String> ignored = new ArrayList<>();
    row.path("ignoredColumns").forEach(column -> ignored.add(column.asText()));
    return new Wanted(
        row.path("schema").asText(),
        row.path("table").asText(),
        row.path("object").asText(),
        row.path("workspace").asText(),
        ignored);
  }

  private static String owner(JsonNode row, String file) {
    if (row.path("twenty").asBoolean()) {
      return "it is captured by twenty install";
    }
    return row.hasNonNull("file") && !row.path("file").asText().equals(file)
        ? "the file %s manages it".formatted(row.path("file").asText())
        : null;
  }

  /**
   * Carries steps out, one after the other; one that fails keeps up no other.
   *
   * @return the same steps, with the problem of each that failed
   */
  public List<Step> carryOut(String file, List<Step> steps) {
    List<Step> done = new ArrayList<>();
    for (Step step : steps) {
      done.add(step.problem() == null ? carriedOut(file, step) : step);
    }
    return done;
  }

  private Step carriedOut(String file, Step step) {
    Wanted table = step.table();
    try {
      if (step.action().equals("release")) {
        captures.remove(table.schema(), table.table());
      } else {
        captures.install(
            table.schema(), table.table(), table.object(), table.workspace(), table.ignored());
        captures.noteFile(table.schema(), table.table(), file);
      }
      return step;
    } catch (StartupException e) {
      return new Step(step.action(), table, e.getMessage());
    }
  }
}
