package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.settings.Settings;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The workspaces of Twenty: takes them over and gives them back, and switches their webhooks
 * between shadow and live. Each table is captured in a transaction of its own, so that no lock on
 * Twenty's tables is held for long. Used by one thread.
 */
public final class TwentyWorkspaces {
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final Sql sql;
  private final Settings settings;
  private final Duration patience;

  public TwentyWorkspaces(Sql sql, Settings settings) {
    this(sql, settings, Duration.ofSeconds(30));
  }

  /**
   * @param patience for how long a table that is held is tried again
   */
  TwentyWorkspaces(Sql sql, Settings settings, Duration patience) {
    this.sql = sql;
    this.settings = settings;
    this.patience = patience;
  }

  /** Whether records may leave that Twenty shares with some only. */
  public static boolean mayShareRestricted(Settings settings) {
    return Boolean.parseBoolean(settings.text("webhooks.twenty.share-restricted"));
  }

  /** Why this Twenty cannot be served; empty: it can. */
  public List<String> unsupported() throws SQLException {
    ObjectNode twenty = sql.row(sql("find-twenty.sql"), Map.of()).orElseThrow();
    return TwentyCheck.unsupported(twenty.path("generation").asText());
  }

  /** The ids of the active ones. */
  public List<String> active() throws SQLException {
    return sql.rows(sql("list-workspaces.sql"), Map.of()).stream()
        .filter(row -> row.path("active").asBoolean())
        .map(row -> row.path("workspace").asText())
        .toList();
  }

  /** The ids of those that are served. */
  public List<String> installed() throws SQLException {
    return sql.rows(sql("list-installed.sql"), Map.of()).stream()
        .map(row -> row.path("workspace").asText())
        .toList();
  }

  /**
   * Takes workspaces over; for those that are served already, it does what is missing.
   *
   * @return rows of {@code workspace}, {@code object} and {@code table} (null: about neither), and
   *     {@code what}, which begins with {@code refused:} or {@code failed:} where it was not done
   */
  public ArrayNode install(List<String> workspaces) throws SQLException {
    ArrayNode all = Json.array();
    for (String workspace : workspaces) {
      Map<String, ObjectNode> done = new LinkedHashMap<>();
      Map<String, String> values =
          Map.of(
              "workspace", workspace,
              "cascades", settings.text("webhooks.twenty.cascades"),
              "searchVector", settings.text("webhooks.twenty.search-vector"),
              "shareRestricted", settings.text("webhooks.twenty.share-restricted"));
      untilLocked(sql("install-workspace.sql"), values)
          .forEach(row -> done.put(row.path("object").asText(text(row)), row));
      if (done.values().stream().noneMatch(row -> text(row).startsWith("refused"))) {
        for (ObjectNode row : eachObject(sql("capture-object.sql"), workspace)) {
          done.merge(
              row.path("object").asText(),
              row,
              (before, now) -> text(now).equals("unchanged") ? before : now);
        }
      }
      all.addAll(done.values());
    }
    return all;
  }

  /**
   * Gives workspaces back. One of which a table could not be released stays, to be tried again.
   *
   * @return rows as {@link #install}
   */
  public ArrayNode remove(List<String> workspaces) throws SQLException {
    ArrayNode all = Json.array();
    for (String workspace : workspaces) {
      List<ObjectNode> released = eachObject(sql("release-object.sql"), workspace);
      all.addAll(released);
      if (released.stream().noneMatch(row -> text(row).startsWith("failed"))) {
        all.addAll(untilLocked(sql("remove-workspace.sql"), Map.of("workspace", workspace)));
      }
    }
    return all;
  }

  /**
   * Lets the webhooks of workspaces send.
   *
   * @param since what was committed before is not sent; null: now
   * @return rows of {@code workspace}, {@code liveFrom}, the {@code webhooks} that were switched
   *     and the {@code deliveries} that the shadow had recorded and that are now owed
   */
  public ArrayNode live(List<String> workspaces, Instant since) throws SQLException {
    ArrayNode all = switched(sql("go-live.sql"), workspaces, since);
    for (ObjectNode installed : sql.rows(sql("list-installed.sql"), Map.of())) {
      for (JsonNode row : all) {
        if (row.path("workspace").equals(installed.path("workspace"))) {
          ((ObjectNode) row).set("liveFrom", installed.path("liveFrom"));
        }
      }
    }
    return all;
  }

  /** Puts them in shadow; {@code deliveries} are those that were owed and are cancelled. */
  public ArrayNode shadow(List<String> workspaces) throws SQLException {
    return switched(sql("go-dark.sql"), workspaces, null);
  }

  /**
   * Records changes and owes them to nobody.
   *
   * @param workspace null: all
   * @param until null: until somebody ends it
   */
  public void mute(String why, String workspace, Instant until) throws SQLException {
    sql.rows(sql("mute.sql"), Sql.parameters("why", why, "workspace", workspace, "until", until));
  }

  /** Ends it; false when there was nothing to end. */
  public boolean unmute(String workspace) throws SQLException {
    return sql.row(sql("unmute.sql"), Sql.parameters("workspace", workspace))
        .orElseThrow()
        .path("unmuted")
        .asBoolean();
  }

  private ArrayNode switched(String statement, List<String> workspaces, Instant since)
      throws SQLException {
    ArrayNode all = Json.array();
    for (String workspace : workspaces) {
      all.add(
          sql.row(statement, Sql.parameters("workspace", workspace, "since", since))
              .orElseThrow()
              .put("workspace", workspace));
    }
    return all;
  }

  /** One object after the other, each in a transaction of its own. */
  private List<ObjectNode> eachObject(String statement, String workspace) throws SQLException {
    List<ObjectNode> rows = new ArrayList<>();
    for (ObjectNode object : sql.rows(sql("list-objects.sql"), Map.of("workspace", workspace))) {
      rows.addAll(
          untilLocked(
              statement, Map.of("workspace", workspace, "object", object.path("object").asText())));
    }
    return rows;
  }

  /** A table that somebody holds fails within half a second, and is tried again for a while. */
  private List<ObjectNode> untilLocked(String statement, Map<String, String> values)
      throws SQLException {
    long giveUp = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        List<ObjectNode> rows = sql.rows(statement, values);
        boolean held = rows.stream().anyMatch(row -> text(row).contains("lock timeout"));
        if (!held || System.nanoTime() > giveUp) {
          return rows;
        }
      } catch (SQLException e) {
        if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState()) || System.nanoTime() > giveUp) {
          throw e;
        }
      }
      Captures.pause();
    }
  }

  private static String text(ObjectNode row) {
    return row.path("what").asText();
  }
}
