package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.PageWalk.IdRange;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.domain.EventPattern;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A list of changes, or of something that came of them, as a caller asks for it. A statement reads
 * a stretch of a growing table and passes over the rows that the filters leave out. Every such list
 * has the filters {@code event}, {@code since} (inclusive) and {@code until} (exclusive), and pages
 * by {@code limit} and {@code cursor}. Used for one call.
 */
final class Listing {
  private static final IdRange ALL = new IdRange(0, Long.MAX_VALUE - 1);

  private final PageWalk.Keys keys;
  private final Fields fields;
  private final String below;
  private final Map<String, Object> parameters;
  private boolean selective;
  private Long change;

  /**
   * Reads the common filters.
   *
   * @param keys of the rows
   * @param fields where errors are noted; they are checked before the first row is read
   */
  Listing(PageWalk.Keys keys, Fields fields) {
    this(keys, fields, keys.cursor(fields));
  }

  /**
   * As the other, with a cursor of another kind, which the caller has read.
   *
   * @param below the key before which the page begins; null: at the newest row
   */
  Listing(PageWalk.Keys keys, Fields fields, String below) {
    this.keys = keys;
    this.fields = fields;
    this.below = below;
    String[] halves = halves(fields);
    parameters = Sql.parameters("since", fields.instant("since"), "until", fields.instant("until"));
    parameters.put("object", halves[0]);
    parameters.put("action", halves[1]);
    selective =
        fields.has("event") || parameters.get("since") != null || parameters.get("until") != null;
  }

  /**
   * @throws IllegalArgumentException when it is no event, with or without wildcards
   */
  static String checkedEvent(String event) {
    EventPattern.check(event);
    return event;
  }

  /** The same filters, for what is kept elsewhere. */
  static Delivered.Wanted wanted(
      Fields fields, Instant since, Instant until, String workspace, UUID webhook) {
    String[] halves = halves(fields);
    return new Delivered.Wanted(since, until, workspace, webhook, halves[0], halves[1]);
  }

  /** Object and action of the filter {@code event}; null where any will do. */
  private static String[] halves(Fields fields) {
    String event = fields.parse("event", Listing::checkedEvent);
    String[] halves = event == null ? new String[] {"*", "*"} : event.split("\\.");
    return new String[] {
      halves[0].equals("*") ? null : halves[0], halves[1].equals("*") ? null : halves[1]
    };
  }

  /** Looks at rows of this change only; null: of all. */
  Listing ofChange(Long only) {
    change = only;
    return this;
  }

  /** Adds a filter by which the statement passes over rows; null: it leaves nothing out. */
  Listing passingOver(String parameter, Object value) {
    selective |= value != null;
    return with(parameter, value);
  }

  /** Adds a parameter that an index takes, so that no row is passed over for it. */
  Listing with(String parameter, Object value) {
    parameters.put(parameter, value);
    return this;
  }

  /**
   * Says that few rows are passed over, whatever the filters: the stretch has few to begin with.
   */
  Listing ofFew() {
    selective = false;
    return this;
  }

  /** The filters as parameters of a statement; more may be put in. */
  Map<String, Object> parameters() {
    return parameters;
  }

  /**
   * Answers with a page.
   *
   * @param statement takes the parameters, and those of a stretch
   */
  Answer answer(Sql sql, String statement) throws SQLException {
    int limit = fields.integer("limit", 1, 200, 50);
    return page(sql, statement, limit, new PageWalk(keys)).answer(keys);
  }

  /**
   * Reads a page.
   *
   * @throws Problem 400 when a field is wrong
   */
  PageWalk.Page page(Sql sql, String statement, int limit, PageWalk walk) throws SQLException {
    fields.check();
    PageWalk.Log log =
        (below, within, size, most) -> {
          parameters.put("below", below);
          parameters.put("first", within.first());
          parameters.put("last", within.last());
          parameters.put("size", size);
          parameters.put("limit", most);
          return sql.rows(statement, parameters);
        };
    return walk.fill(log, ranges(sql), below, limit, selective);
  }

  /** Between which ids changes of the time range can lie, the newest first. */
  private List<IdRange> ranges(Sql sql) throws SQLException {
    if (change != null) {
      return List.of(new IdRange(change, change));
    }
    if (parameters.get("since") == null && parameters.get("until") == null) {
      return List.of(ALL);
    }
    ObjectNode noted = sql.row(sql("find-times.sql"), parameters).orElseThrow();
    IdRange newest = new IdRange(noted.path("newest").asLong(), ALL.last());
    return noted.path("first").isNull()
        ? List.of(newest)
        : List.of(newest, new IdRange(noted.path("first").asLong(), noted.path("last").asLong()));
  }
}
