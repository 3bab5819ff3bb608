package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.PageWalk.IdRange;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PageWalkTest {
  private static final List<IdRange> ALL = List.of(new IdRange(0, 1_000_000));

  private static final PageWalk.Keys NUMBERS = PageWalk.Keys.ofChanges("number");

  private long now;
  private int looks;
  private long costOfARow;

  /** A log of the numbers from 1 to 100,000. */
  private final class Numbers implements PageWalk.Log {
    private final LongPredicate wanted;
    private final long cost;

    Numbers(LongPredicate wanted, long cost) {
      this.wanted = wanted;
      this.cost = cost;
    }

    @Override
    public List<ObjectNode> read(String below, IdRange within, int size, int limit) {
      now += cost + size * costOfARow;
      looks++;
      List<Long> stretch =
          LongStream.iterate(
                  Math.min(Long.parseLong(below) - 1, 100_000),
                  n -> n >= Math.max(1, within.first()),
                  n -> n - 1)
              .limit(size)
              .boxed()
              .toList();
      List<ObjectNode> rows =
          new ArrayList<>(
              stretch.stream()
                  .filter(wanted::test)
                  .limit(limit)
                  .map(n -> Json.object().put("id", n))
                  .toList());
      if (rows.isEmpty()) {
        rows.add(Json.object().putNull("id"));
      }
      rows.forEach(row -> row.put("looked_at", stretch.size()));
      rows.forEach(
          row ->
              row.put(
                  "reached",
                  stretch.isEmpty() ? null : stretch.get(stretch.size() - 1).toString()));
      return rows;
    }
  }

  private PageWalk.Page page(LongPredicate wanted, List<IdRange> ranges, String cursor, long cost)
      throws SQLException {
    return new PageWalk(NUMBERS, Duration.ofNanos(1000), () -> now)
        .fill(new Numbers(wanted, cost), ranges, cursor, 10, true);
  }

  private List<Long> all(LongPredicate wanted, List<IdRange> ranges, long cost)
      throws SQLException {
    List<Long> found = new ArrayList<>();
    String cursor = null;
    do {
      String before = cursor;
      PageWalk.Page page = page(wanted, ranges, cursor, cost);
      page.rows().forEach(row -> found.add(row.path("id").asLong()));
      assertThat(page.rows()).hasSizeLessThanOrEqualTo(10);
      cursor = page.reached();
      assertThat(cursor).as("each page gets on").isNotEqualTo(before == null ? "" : before);
    } while (cursor != null);
    return found;
  }

  @Test
  void what_lies_behind_the_first_stretch_is_found_on_the_same_page() throws SQLException {
    PageWalk.Page page = page(n -> n % 1000 == 0, ALL, null, 0);
    assertThat(page.rows())
        .extracting(row -> row.path("id").asLong())
        .containsExactly(
            100_000L, 99_000L, 98_000L, 97_000L, 96_000L, 95_000L, 94_000L, 93_000L, 92_000L,
            91_000L);
    assertThat(page.reached()).isEqualTo("91000");
  }

  @Test
  void a_page_whose_time_is_over_says_how_far_it_came() throws SQLException {
    PageWalk.Page page = page(n -> n == 1, ALL, null, 1000);
    assertThat(page.rows()).isEmpty();
    assertThat(page.reached()).isEqualTo("99501");
    assertThat(looks).isEqualTo(1);
  }

  @Test
  void a_stretch_is_no_longer_than_the_time_left_allows() throws SQLException {
    for (long cost : new long[] {1, 100_000, 300_000, 900_000, 1_100_000}) {
      costOfARow = cost;
      now = 0;
      new PageWalk(NUMBERS, Duration.ofSeconds(1), () -> now)
          .fill(new Numbers(n -> n == 1, 0), ALL, null, 10, true);
      assertThat(now).isLessThanOrEqualTo(1_000_000_000 + 500 * cost);
    }
  }

  @Test
  void all_pages_together_have_each_row_once_however_little_time_a_page_has() throws SQLException {
    for (long cost : new long[] {0, 300, 1000}) {
      assertThat(all(n -> n % 777 == 0, ALL, cost))
          .hasSize(128)
          .isSortedAccordingTo((a, b) -> Long.compare(b, a))
          .doesNotHaveDuplicates();
      assertThat(all(n -> n <= 25, ALL, cost)).hasSize(25);
      assertThat(all(n -> false, ALL, cost)).isEmpty();
    }
  }

  @Test
  void only_the_ranges_are_looked_at() throws SQLException {
    List<IdRange> ranges = List.of(new IdRange(99_990, 1_000_000), new IdRange(2, 6));
    List<IdRange> adjacent = List.of(new IdRange(7, 1_000_000), new IdRange(2, 6));
    for (long cost : new long[] {0, 1000}) {
      assertThat(all(n -> true, ranges, cost)).hasSize(16).startsWith(100_000L).endsWith(2L);
      assertThat(all(n -> n < 17, adjacent, cost)).hasSize(15).startsWith(16L).endsWith(2L);
    }
    looks = 0;
    page(n -> false, ranges, null, 0);
    assertThat(looks).isEqualTo(2);
  }
}
