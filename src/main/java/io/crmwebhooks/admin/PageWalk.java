package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Fills a page by walking back through something that grows, stretch by stretch, until the page is
 * full, everything has been looked at, or its time is over; a stretch is longer than the one before
 * it, but not so long that it would go far beyond that time. So a page costs the same however large
 * the table is, and however rare what is asked for: a page that is not full, even an empty one, is
 * not the last one as long as it has a cursor.
 */
final class PageWalk {
  private static final int FIRST_SIZE = 500;
  private static final int LARGEST_SIZE = 10_000;

  /** What is walked through: rows whose keys begin with the id of a change and sort by it. */
  interface Log {
    /** The least key that rows of this change can have. */
    String keyAt(long change);

    /** The change that a key is of. */
    long changeOf(String key);

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
    /**
     * As it is answered.
     *
     * @param kind of list, see {@link Cursor}
     */
    Answer answer(String kind) {
      ObjectNode json = Json.object();
      json.putArray("data").addAll(rows);
      return Answer.ok(json.put("nextCursor", reached == null ? null : Cursor.of(kind, reached)));
    }
  }

  private final Duration time;
  private final LongSupplier nanos;

  /**
   * @param time after which no further stretch is begun
   * @param nanos as {@link System#nanoTime}
   */
  PageWalk(Duration time, LongSupplier nanos) {
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
      String below = log.keyAt(range.last() + 1);
      boolean more = true;
      if (cursor != null && log.changeOf(cursor) <= range.last()) {
        below = cursor;
        more = log.changeOf(cursor) >= range.first() && !cursor.equals(log.keyAt(range.first()));
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
          return new Page(found.subList(0, limit), found.get(limit - 1).path("id").asText());
        }
        now = nanos.getAsLong();
        double affordable = size * (double) (end - now) / Math.max(1, now - before);
        size = (int) Math.max(least, Math.min(affordable, Math.min(size * 4, LARGEST_SIZE)));
      }
    }
    return new Page(found, null);
  }
}
