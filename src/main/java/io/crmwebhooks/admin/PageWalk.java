package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/**
 * Fills a page by walking back through a growing table, stretch by stretch. It ends when the page
 * is full, nothing is left to look at, or its time is over. Each stretch is longer than the one
 * before it, but not so long that it would go far beyond that time. So a page costs the same
 * however large the table is, and however rare the rows are. A page that is not full, even an empty
 * one, is not the last one while it has a cursor.
 */
final class PageWalk {
  private static final int FIRST_SIZE = 500;
  private static final int LARGEST_SIZE = 10_000;
  private static final Duration PAGE_TIME = Duration.ofMillis(50);

  /** Ids of changes, both ends included. */
  record IdRange(long first, long last) {}

  /**
   * The keys of a kind of list, which begin with the id of a change and sort by it.
   *
   * @param kind so that a cursor of one list is not taken for one of another
   * @param least the least key that rows of a change can have
   * @param change that a key is of
   */
  record Keys(
      String kind, Pattern form, LongFunction<String> least, ToLongFunction<String> change) {
    /** Keys that are numbers, such as the ids of changes. */
    static Keys ofChanges(String kind) {
      return new Keys(kind, CHANGE_ID, Long::toString, Long::parseLong);
    }

    /**
     * Where the page before has ended, as a call says; null: at the newest row. A cursor is no
     * secret: it holds nothing that the caller may not see.
     */
    String cursor(Fields fields) {
      return fields.parse(
          "cursor",
          Fields.orElse(
              "must be the nextCursor of a page of this list",
              cursor -> {
                byte[] text = Base64.getUrlDecoder().decode(cursor);
                String[] parts = new String(text, StandardCharsets.UTF_8).split(":", 2);
                if (!parts[0].equals(kind) || !form.matcher(parts[parts.length - 1]).matches()) {
                  throw new IllegalArgumentException();
                }
                return parts[1];
              }));
    }

    /** The text that {@link #cursor} reads, for a key; null for null. */
    String cursorAt(String key) {
      return key == null
          ? null
          : Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString((kind + ":" + key).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The rows to walk through. */
  interface Log {
    /**
     * Reads a stretch: at least one row, with {@code reached} and {@code looked_at} in each.
     *
     * @param below the key before which it begins
     * @param within ids of changes that it stays within
     */
    List<ObjectNode> read(String below, IdRange within, int size, int limit) throws SQLException;
  }

  /**
   * @param rows at most as many as asked for
   * @param reached the key up to which all has been looked at; null: there is no more
   */
  record Page(List<ObjectNode> rows, String reached) {
    /** Of rows that are all there is, or more than asked for. */
    static Page first(int limit, List<ObjectNode> rows) {
      return rows.size() > limit
          ? new Page(rows.subList(0, limit), rows.get(limit - 1).path("id").asText())
          : new Page(rows, null);
    }

    /** The rows and a cursor, as they are answered. */
    Answer answer(Keys keys) {
      ObjectNode json = Json.object();
      json.putArray("data").addAll(rows);
      return Answer.ok(json.put("nextCursor", keys.cursorAt(reached)));
    }
  }

  /** The form of a change's id. */
  static final Pattern CHANGE_ID = Pattern.compile("[1-9][0-9]{0,17}");

  /** The id of a change, which a query gives as a text and a body as a number. */
  static Long changeId(JsonNode id) {
    if (!CHANGE_ID.matcher(id.asText()).matches()) {
      throw new IllegalArgumentException("must be the id of a change");
    }
    return Long.valueOf(id.asText());
  }

  private final Keys keys;
  private final Duration time;
  private final LongSupplier nanos;

  /**
   * For a page that somebody waits for.
   *
   * @param keys of what is walked through
   */
  PageWalk(Keys keys) {
    this(keys, PAGE_TIME, System::nanoTime);
  }

  /**
   * @param time after which no further stretch is begun
   * @param nanos as {@link System#nanoTime}
   */
  PageWalk(Keys keys, Duration time, LongSupplier nanos) {
    this.keys = keys;
    this.time = time;
    this.nanos = nanos;
  }

  /**
   * @param ranges where to look, the newest first
   * @param cursor the key before which to begin; null: with the newest
   * @param selective whether most rows may not match, so that a stretch must be longer than a page
   */
  Page fill(Log log, List<IdRange> ranges, String cursor, int limit, boolean selective)
      throws SQLException {
    long now = nanos.getAsLong();
    long end = now + time.toNanos();
    List<ObjectNode> found = new ArrayList<>();
    int least = selective ? Math.max(FIRST_SIZE, limit + 1) : limit + 1;
    int size = least;
    boolean begun = false;
    for (IdRange range : ranges) {
      String below = keys.least().apply(range.last() + 1);
      boolean more = true;
      if (cursor != null && keys.change().applyAsLong(cursor) <= range.last()) {
        below = cursor;
        more =
            keys.change().applyAsLong(cursor) >= range.first()
                && !cursor.equals(keys.least().apply(range.first()));
      }
      while (more) {
        if (begun && now - end >= 0) {
          return new Page(found, below);
        }
        begun = true;
        long before = now;
        List<ObjectNode> rows = log.read(below, range, size, limit + 1 - found.size());
        more = rows.get(0).path("looked_at").asLong() == size;
        below = rows.get(0).path("reached").asText();
        rows.stream()
            .filter(row -> row.hasNonNull("id"))
            .forEach(row -> found.add(row.remove(List.of("reached", "looked_at"))));
        if (found.size() > limit) {
          return Page.first(limit, found);
        }
        now = nanos.getAsLong();
        double affordable = size * (double) (end - now) / Math.max(1, now - before);
        size = (int) Math.max(least, Math.min(affordable, Math.min(size * 4, LARGEST_SIZE)));
      }
    }
    return Page.first(limit, found);
  }
}
