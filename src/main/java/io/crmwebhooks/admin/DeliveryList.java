package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The deliveries that a call asks for. Where those that have arrived are kept elsewhere, a page
 * takes from both places what has the newer change. They are read of a time range or of one change
 * only. Used for one call.
 */
final class DeliveryList {
  static final PageWalk.Keys KEYS =
      new PageWalk.Keys(
          "delivery",
          Pattern.compile("msg_[0-7][0-9a-f]{15}([0-9a-f]{32,48}(_[0-9]{1,19})?)?"),
          "msg_%016x"::formatted,
          key -> Long.parseLong(key.substring(4, 20), 16));

  private static final List<String> STATES = List.of("pending", "delivered", "dead", "cancelled");
  private static final int MOST_ELSEWHERE = 200;
  private static final String DELIVERED = "delivered";

  private final Sql sql;
  private final ArrivedRows arrived;
  private final Fields fields;
  private final String workspace;
  private final UUID webhook;
  private final String state;
  private final Long change;
  private final Delivered.Wanted wanted;
  private final MergedCursor cursor;
  private final Listing listing;
  private final String statement;

  /**
   * Reads the filters; errors are noted in the fields.
   *
   * @param otherwise the state that is meant where none is named; null: all
   */
  DeliveryList(
      Sql sql, ArrivedRows arrived, Call call, Fields fields, String otherwise, Clock clock) {
    this.sql = sql;
    this.arrived = arrived;
    this.fields = fields;
    this.workspace = call.workspace();
    this.webhook = fields.uuid("webhookId");
    String named = fields.read("state", Fields.oneOf(STATES));
    this.state = named == null ? otherwise : named;
    this.change = fields.read("changeId", PageWalk::changeId);
    this.wanted = wanted(clock.instant());
    this.cursor = isMerged() ? MergedCursor.of(fields, KEYS) : null;
    this.listing =
        (isMerged() ? new Listing(KEYS, fields, cursor.key()) : new Listing(KEYS, fields))
            .with("webhook", webhook)
            .with("workspace", workspace)
            .passingOver("states", state == null ? null : List.of(state))
            .ofChange(change);
    this.statement = sql("list-deliveries.sql").replace("-- a stretch", stretch());
  }

  private String stretch() {
    if (state != null && !state.equals(DELIVERED)) {
      listing.ofFew(); // those that are not delivered have an index of their own
      return sql("stretch-open-deliveries.sql");
    }
    return webhook == null && workspace == null
        ? sql("stretch-deliveries.sql")
        : sql("stretch-deliveries-of.sql");
  }

  /** Which outcomes are wanted from elsewhere; null: none, or those of one change. */
  private Delivered.Wanted wanted(Instant now) {
    if (!arrived.isElsewhere() || state != null && !state.equals(DELIVERED) || change != null) {
      return null;
    }
    Instant since = fields.instant("since");
    Instant until = fields.instant("until");
    until = until == null || until.isAfter(now) ? now : until;
    boolean isShort =
        since != null && Duration.between(since, until).compareTo(Delivered.LONGEST) <= 0;
    if (!isShort && DELIVERED.equals(state)) {
      fields.error(
          "since",
          "must be at most a day before until, or give a changeId: deliveries that arrived are read from a topic of Kafka");
    }
    return isShort ? Listing.wanted(fields, since, until, workspace, webhook) : null;
  }

  private boolean isMerged() {
    return wanted != null
        || change != null && arrived.isElsewhere() && (state == null || state.equals(DELIVERED));
  }

  /** The longest page: outcomes that are kept elsewhere are read a few at a time. */
  int most(int here) {
    return isMerged() ? Math.min(here, MOST_ELSEWHERE) : here;
  }

  /**
   * @param rows as they are listed
   * @param cursor to go on; null: that was all
   * @param leavesOut whether those that have arrived are left out
   */
  record Page(List<ObjectNode> rows, String cursor, boolean leavesOut) {
    Answer answer() {
      ObjectNode json = Json.object();
      json.putArray("data").addAll(rows);
      return Answer.ok(json.put("nextCursor", cursor).put("deliveredLeftOut", leavesOut));
    }
  }

  /**
   * Reads a page.
   *
   * @throws Problem 400 when a field is wrong
   */
  Page page(int limit, PageWalk walk) throws SQLException {
    fields.check();
    if (!isMerged()) {
      PageWalk.Page page = listing.page(sql, statement, limit, walk);
      boolean leavesOut = state == null && arrived.isElsewhere();
      return new Page(page.rows(), KEYS.cursorAt(page.reached()), leavesOut);
    }
    PageWalk.Page here =
        cursor.isHereOver()
            ? new PageWalk.Page(List.of(), null)
            : listing.page(sql, statement, limit, walk);
    return merged(here, elsewhere(limit), limit);
  }

  private Delivered.Page elsewhere(int limit) throws SQLException {
    if (cursor.isElsewhereOver()) {
      return new Delivered.Page(List.of(), null);
    }
    Delivered.Page page;
    try {
      page =
          change == null
              ? arrived.page(wanted, cursor.elsewhere(), limit)
              : new OfChange(cursor.elsewhere()).page();
    } catch (IllegalArgumentException e) {
      throw Problem.invalid("cursor", MergedCursor.EXPECTED);
    }
    return new Delivered.Page(shown(page.rows()), page.cursor());
  }

  /** As rows of the list, without those that a filter leaves out. */
  private List<Delivered.Row> shown(List<Delivered.Row> rows) throws SQLException {
    if (rows.isEmpty()) {
      return rows;
    }
    ArrayNode outcomes = Json.array();
    rows.forEach(row -> outcomes.add(row.outcome().without(List.of("body", "history"))));
    Map<String, Object> values = new HashMap<>(listing.parameters());
    values.put("outcomes", outcomes);
    values.put("limit", rows.size());
    if (change == null) { // the range is one of the time when they were recorded
      values.put("since", null);
      values.put("until", null);
    }
    String stretch = sql("stretch-arrived.sql").replace("-- the outcomes", sql("read-arrived.sql"));
    Map<String, ObjectNode> listed = new HashMap<>();
    sql.rows(sql("list-deliveries.sql").replace("-- a stretch", stretch), values)
        .forEach(row -> listed.put(row.path("id").asText(), row));
    List<Delivered.Row> shown = new ArrayList<>();
    for (Delivered.Row row : rows) {
      ObjectNode found = listed.remove(row.outcome().path("id").asText());
      if (found != null) {
        shown.add(new Delivered.Row(found.remove(List.of("reached", "looked_at")), row.cursor()));
      }
    }
    return shown;
  }

  private Page merged(PageWalk.Page here, Delivered.Page there, int limit) {
    List<ObjectNode> rows = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    int i = 0;
    int j = 0;
    while (rows.size() < limit && (i < here.rows().size() || j < there.rows().size())) {
      boolean fromHere =
          j == there.rows().size()
              || i < here.rows().size()
                  && here.rows().get(i).path("changeId").asLong()
                      >= there.rows().get(j).outcome().path("changeId").asLong();
      ObjectNode row = fromHere ? here.rows().get(i++) : there.rows().get(j++).outcome();
      if (ids.add(row.path("id").asText())) { // else it is sent again just now
        rows.add(row);
      }
    }
    String key =
        i == here.rows().size()
            ? cursor.isHereOver() ? null : here.reached()
            : i == 0 ? cursor.keyOrStart() : here.rows().get(i - 1).path("id").asText();
    String place =
        j == there.rows().size()
            ? there.cursor()
            : j == 0 ? cursor.elsewhereOrStart() : there.rows().get(j - 1).cursor();
    return new Page(rows, MergedCursor.text(key, place), false);
  }

  /** The outcomes of one change, which are read forwards: the latest id first. */
  private final class OfChange {
    private static final char BELOW = '~';
    private final String from;
    private final String below;

    OfChange(String place) {
      int end = place == null ? -1 : place.indexOf(BELOW);
      String read = end < 0 ? place : place.substring(0, end);
      this.from = read == null || read.isEmpty() ? null : read;
      this.below = end < 0 ? null : place.substring(end + 1);
    }

    Delivered.Page page() throws SQLException {
      Delivered.Found found = arrived.ofChange(change, workspace, from);
      List<Delivered.Row> rows =
          found.outcomes().stream()
              .map(outcome -> new Delivered.Row(outcome, cursor(outcome)))
              .filter(row -> below == null || idOf(row).compareTo(below) < 0)
              .sorted((a, b) -> idOf(b).compareTo(idOf(a)))
              .toList();
      return new Delivered.Page(rows, found.next());
    }

    private String cursor(ObjectNode outcome) {
      return (from == null ? "" : from) + BELOW + outcome.path("id").asText();
    }

    private static String idOf(Delivered.Row row) {
      return row.outcome().path("id").asText();
    }
  }
}
