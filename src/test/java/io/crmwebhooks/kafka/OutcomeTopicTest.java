package io.crmwebhooks.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Delivered;
import io.crmwebhooks.admin.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads a real topic of outcomes, within the bounds of each read. */
class OutcomeTopicTest {
  private static final UUID A = UUID.fromString("aaaaaaaa-0000-4000-8000-000000000001");
  private static final UUID B = UUID.fromString("ffffffff-0000-4000-8000-000000000002");

  /** A page looks at hardly more than a block of each partition. */
  private static final Bounds NARROW = bounds(4, 1, 64 << 20);

  private static final int LONG = 200_000;

  private final Outcomes outcomes = new Outcomes();
  private final Instant begin = Instant.now().minusSeconds(3600).truncatedTo(ChronoUnit.MILLIS);

  @AfterEach
  void close() {
    outcomes.close();
  }

  private static Bounds bounds(int reads, long records, long bytes) {
    Duration time = Duration.ofSeconds(reads == 0 ? 0 : 5);
    Duration most = Duration.ofSeconds(10);
    return new Bounds(reads, records, time, bytes, most, most);
  }

  private ObjectNode outcome(long change, UUID webhook) {
    return Outcomes.outcome(change, begin.plusSeconds(change), webhook, "person.created");
  }

  private void write(UUID webhook, int changes) {
    for (int change = 1; change <= changes; change++) {
      outcomes.write(outcome(change, webhook));
    }
    outcomes.flush();
  }

  private Delivered.Wanted all() {
    return new Delivered.Wanted(begin, Instant.now(), null, null, null, null);
  }

  private static List<Long> changes(Delivered.Page page) {
    return page.rows().stream().map(row -> row.outcome().path("change_id").asLong()).toList();
  }

  /** The changes of all pages. */
  private static List<Long> walk(OutcomeTopic topic, Delivered.Wanted wanted, int limit) {
    List<Long> found = new ArrayList<>();
    String cursor = null;
    do {
      Delivered.Page page = topic.page(wanted, cursor, limit);
      assertThat(page.rows()).hasSizeLessThanOrEqualTo(limit);
      found.addAll(changes(page));
      cursor = page.cursor();
    } while (cursor != null);
    return found;
  }

  private static List<Long> downFrom(long last) {
    List<Long> numbers = new ArrayList<>(LongStream.rangeClosed(1, last).boxed().toList());
    Collections.reverse(numbers);
    return numbers;
  }

  @Test
  void pages_have_the_newest_first_and_each_outcome_once() {
    write(A, 500);
    assertThat(walk(outcomes.topic(), all(), 70)).isEqualTo(downFrom(500));
    assertThat(walk(outcomes.topic(NARROW), all(), 70)).isEqualTo(downFrom(500));
  }

  @Test
  void a_page_takes_only_what_is_wanted() {
    for (long change = 1; change <= 60; change++) {
      outcomes.write(outcome(change, change % 2 == 0 ? A : B));
    }
    ObjectNode other =
        Outcomes.outcome(61, begin.plusSeconds(61), A, "company.updated").put("workspace", "w");
    outcomes.write(other);
    outcomes.flush();
    OutcomeTopic topic = outcomes.topic();
    Instant now = Instant.now();
    assertThat(walk(topic, new Delivered.Wanted(begin, now, null, B, null, null), 50))
        .hasSize(30)
        .allMatch(change -> change % 2 == 1);
    assertThat(walk(topic, new Delivered.Wanted(begin, now, "w", null, null, null), 50))
        .containsExactly(61L);
    assertThat(walk(topic, new Delivered.Wanted(begin, now, null, null, "company", null), 50))
        .containsExactly(61L);
    assertThat(walk(topic, new Delivered.Wanted(begin, now, null, null, null, "updated"), 50))
        .containsExactly(61L);
    Delivered.Wanted range =
        new Delivered.Wanted(begin.plusSeconds(11), begin.plusSeconds(21), null, null, null, null);
    assertThat(walk(topic, range, 50)) // recorded a second after its capture
        .isEqualTo(LongStream.rangeClosed(10, 19).map(n -> 29 - n).boxed().toList());
  }

  @Test
  void a_page_that_may_look_no_further_is_short_and_has_a_cursor() {
    outcomes.write(outcome(1, A));
    for (long change = 2; change <= 1000; change++) {
      outcomes.write(outcome(change, B));
    }
    outcomes.flush();
    OutcomeTopic topic = outcomes.topic(NARROW);
    Delivered.Wanted wanted = new Delivered.Wanted(begin, Instant.now(), null, A, null, null);
    Delivered.Page first = topic.page(wanted, null, 50);
    assertThat(first.rows()).isEmpty();
    assertThat(first.cursor()).isNotNull();
    assertThat(walk(topic, wanted, 50)).containsExactly(1L);
  }

  @Test
  void a_cursor_that_is_none_is_refused() {
    assertThatThrownBy(() -> outcomes.topic().page(all(), "*", 50))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void an_outcome_is_found_by_its_id_and_by_its_change() {
    write(A, 30);
    outcomes.write("no outcome");
    outcomes.write(
        "{\"id\":\"msg_is not what it looks like, however long it may be, which it is\"}");
    ObjectNode late = outcome(7, B).put("attempts", 3);
    outcomes.write(late, Instant.now());
    outcomes.flush();
    ObjectNode known = outcome(7, A);
    OutcomeTopic topic = outcomes.topic();
    assertThat(
            topic
                .find(Map.of(known.path("id").asText(), Outcomes.place(known)), null)
                .outcomes()
                .values())
        .hasToString("[" + known + "]");
    Delivered.Found found = topic.ofChange(Outcomes.place(known), null, null);
    assertThat(found.outcomes()).hasToString("[" + known + ", " + late + "]");
    assertThat(found.next()).isNull();
    ObjectNode unknown = outcome(8, B);
    assertThat(
            topic
                .find(Map.of(unknown.path("id").asText(), Outcomes.place(unknown)), null)
                .outcomes())
        .isEmpty();
  }

  @Test
  void of_a_repeated_outcome_the_first_counts_and_of_a_later_attempt_the_last() {
    ObjectNode first = outcome(1, A);
    outcomes.write(first);
    outcomes.write(first.deepCopy().put("duration_ms", 99));
    outcomes.flush();
    Map<String, Delivered.Place> asked = Map.of(first.path("id").asText(), Outcomes.place(first));
    assertThat(outcomes.topic().find(asked, null).outcomes().values())
        .hasToString("[" + first + "]");
    ObjectNode again = first.deepCopy().put("attempts", 2);
    outcomes.write(again);
    outcomes.flush();
    assertThat(outcomes.topic().find(asked, null).outcomes().values())
        .hasToString("[" + again + "]");
  }

  @Test
  void a_search_says_when_it_could_not_look_at_everything() {
    ObjectNode first = outcome(1, A);
    for (int i = 0; i < 12_000; i++) { // more than a poll brings
      outcomes.write(first);
    }
    ObjectNode last = Outcomes.outcome(1, begin.plusSeconds(1), B, "person.created");
    outcomes.write(last);
    outcomes.flush();
    OutcomeTopic topic = outcomes.topic(NARROW);
    Delivered.Place place = Outcomes.place(first);
    assertThat(topic.find(Map.of(first.path("id").asText(), place), null).outcomes()).hasSize(1);
    assertThatThrownBy(() -> topic.find(Map.of(last.path("id").asText(), place), null))
        .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.status()).isEqualTo(503));
    List<ObjectNode> all = new ArrayList<>();
    Delivered.Found found = topic.ofChange(place, null, null);
    assertThat(found.next()).isNotNull();
    for (int i = 0; i < 10 && found.next() != null; i++) {
      found = topic.ofChange(place, null, found.next());
      all.addAll(found.outcomes());
    }
    assertThat(all.get(all.size() - 1)).hasToString(last.toString());
  }

  @Test
  void pairs_are_those_of_the_range_and_of_the_webhooks() {
    write(A, 40);
    outcomes.write(outcome(20, B));
    outcomes.flush();
    Delivered.Pairs pairs =
        outcomes
            .topic()
            .account(null)
            .pairs(Set.of(A), 10, 30, begin.plusSeconds(11), progress -> {});
    assertThat(LongStream.rangeClosed(1, 40).filter(change -> pairs.has(A, change)).boxed())
        .isEqualTo(LongStream.rangeClosed(11, 30).boxed().toList());
    assertThat(pairs.has(B, 20)).isFalse();
    assertThat(pairs.upto()).isEqualTo(30);
    assertThat(pairs.blocks(10, 30)).hasSize(1);
    outcomes.write(outcome(27, B).toString().replace("\":", "\": ")); // as PostgreSQL writes it
    outcomes.flush();
    Delivered.Pairs both =
        outcomes
            .topic()
            .account(null)
            .pairs(Set.of(A, B), 10, 30, begin.plusSeconds(11), progress -> {});
    outcomes.write(outcome(28, B));
    outcomes.flush();
    both.readOn();
    assertThat(both.has(B, 28)).isTrue();
    assertThat(both.has(B, 20)).isTrue();
    assertThat(both.has(B, 27)).isTrue();
  }

  @Test
  void pairs_that_need_more_memory_come_in_passes() {
    Bounds small = bounds(4, 1000, 4800);
    List<Long> changes = List.of(1L, 9_000L, 20_000L, 30_000L, 300_000L);
    for (long change : changes) {
      outcomes.write(Outcomes.outcome(change, begin, A, "person.created"));
    }
    outcomes.flush();
    List<Long> found = new ArrayList<>();
    int passes = 0;
    for (long after = 0; after < 300_000; passes++) {
      Delivered.Pairs pairs =
          outcomes
              .topic(small)
              .account(null)
              .pairs(Set.of(A), after, 300_000, begin, progress -> {});
      long from = after;
      changes.stream()
          .filter(change -> change > from && change <= pairs.upto() && pairs.has(A, change))
          .forEach(found::add);
      after = pairs.upto();
    }
    assertThat(found).isEqualTo(changes);
    assertThat(passes).isBetween(2, 5);
  }

  @Test
  void only_so_many_read_at_a_time() {
    OutcomeTopic topic = outcomes.topic(bounds(0, 1000, 4096));
    assertThatThrownBy(() -> topic.page(all(), null, 50))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("others are reading");
  }

  @Test
  void it_is_complete_since_the_first_outcome_that_retention_has_left() {
    assertThat(outcomes.topic().completeSince(null)).isNull();
    write(A, 100);
    assertThat(outcomes.topic().completeSince(null)).isNull();
    outcomes.forget(10);
    assertThat(outcomes.topic().completeSince(null)).isBetween(begin, begin.plusSeconds(100));
  }

  @Test
  void where_retention_has_left_nothing_it_is_complete_from_now_on() {
    write(A, 100);
    outcomes.forget(-1);
    Instant now = Instant.now();
    assertThat(outcomes.topic().completeSince(null)).isBetween(now, Instant.now());
  }

  @Test
  void when_it_cannot_look_everywhere_it_does_not_say_since_when_it_is_complete() {
    write(A, 100);
    outcomes.forget(10);
    assertThatThrownBy(() -> outcomes.topic(bounds(4, 0, 4096)).completeSince(null))
        .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.status()).isEqualTo(503));
  }

  @Test
  void a_search_keeps_only_what_is_asked_for() {
    Map<String, Delivered.Place> asked = new HashMap<>();
    for (long webhook = 0; webhook < 40; webhook++) {
      ObjectNode one = outcome(1, new UUID(webhook, 0)).put("body", "b".repeat(LONG));
      outcomes.write(one);
      if (webhook >= 38) { // the first that it would let go of
        asked.put(one.path("id").asText(), Outcomes.place(one));
      }
    }
    outcomes.flush();
    Delivered.Sought found = outcomes.topic().find(asked, null);
    assertThat(found.outcomes()).containsOnlyKeys(asked.keySet());
    assertThat(found.left()).isEmpty();
  }

  @Test
  void a_search_takes_no_more_into_memory_than_it_may_and_says_what_is_left() {
    Map<String, Delivered.Place> asked = new HashMap<>();
    for (long change = 1; change <= 60; change++) {
      ObjectNode one = outcome(change, A).put("body", "b".repeat(LONG));
      outcomes.write(one);
      asked.put(one.path("id").asText(), Outcomes.place(one));
    }
    outcomes.flush();
    Set<String> all = new HashSet<>(asked.keySet());
    while (!asked.isEmpty()) {
      Delivered.Sought found = outcomes.topic().find(asked, null);
      assertThat(found.outcomes()).hasSizeBetween(1, (int) Keeping.MOST / LONG);
      assertThat(found.outcomes()).doesNotContainKeys(found.left().toArray(String[]::new));
      all.removeAll(found.outcomes().keySet());
      asked.keySet().retainAll(found.left());
    }
    assertThat(all).isEmpty();
  }

  @Test
  void outcomes_of_a_change_come_without_what_is_long_and_some_at_a_time() {
    ObjectNode plain = outcome(1, A);
    String id = plain.path("id").asText();
    for (int replay = 1; replay <= 6000; replay++) {
      outcomes.write(plain.deepCopy().put("id", id + "_" + replay));
    }
    ObjectNode last = plain.deepCopy().put("body", "b").put("id", id + "_6001");
    last.putArray("history").add("h");
    outcomes.write(last);
    outcomes.flush();
    Set<String> ids = new HashSet<>();
    String next = null;
    do {
      Delivered.Found found = outcomes.topic().ofChange(Outcomes.place(plain), null, next);
      assertThat(found.outcomes())
          .hasSizeLessThan((int) Keeping.MOST / 1000)
          .noneMatch(one -> one.has("body") || one.has("history"));
      found.outcomes().forEach(one -> ids.add(one.path("id").asText()));
      next = found.next();
    } while (next != null);
    assertThat(ids).hasSize(6001);
  }

  @Test
  void a_page_keeps_little_of_what_it_has_read_and_reads_the_rest_again() {
    for (long change = 1; change <= 60; change++) {
      ObjectNode one = outcome(change, A);
      one.putObject("request").put("url", "u".repeat(LONG));
      outcomes.write(one);
    }
    outcomes.flush();
    List<Long> found = new ArrayList<>();
    long read =
        outcomes
            .reads(Bounds.USUAL)
            .read(
                null,
                each -> {
                  found.addAll(
                      changes(new NewestFirst(each, all(), Bounds.USUAL, null, 100).page()));
                  return each.count();
                });
    assertThat(found).isEqualTo(downFrom(60));
    assertThat(read).isGreaterThan(60);
  }

  @Test
  void a_page_does_not_count_what_no_row_shows() {
    for (long change = 1; change <= 60; change++) {
      outcomes.write(outcome(change, A).put("body", "b".repeat(LONG)));
    }
    outcomes.flush();
    long read =
        outcomes
            .reads(Bounds.USUAL)
            .read(
                null,
                each -> {
                  new NewestFirst(each, all(), Bounds.USUAL, null, 100).page();
                  return each.count();
                });
    assertThat(read).isEqualTo(60);
  }

  @Test
  void no_workspace_takes_all_places_of_reads() {
    TopicReads reads =
        outcomes.reads(new Bounds(2, 1, Duration.ofMillis(50), 1, Duration.ZERO, Duration.ZERO));
    String done =
        reads.read(
            "a",
            read -> {
              assertThatThrownBy(() -> reads.read("a", again -> "")).isInstanceOf(Problem.class);
              return reads.read("b", other -> "done");
            });
    assertThat(done).isEqualTo("done");
    assertThat(reads.<String>read("a", read -> "again")).isEqualTo("again");
  }

  @Test
  void of_two_accounts_a_workspace_makes_one() {
    OutcomeTopic topic =
        outcomes.topic(new Bounds(2, 1, Duration.ofMillis(50), 1, Duration.ZERO, Duration.ZERO));
    try (Delivered.Account one = topic.account("a")) {
      assertThatThrownBy(() -> topic.account("a")).isInstanceOf(Problem.class);
      try (Delivered.Account other = topic.account("b")) {
        assertThatThrownBy(() -> topic.account(null)).isInstanceOf(Problem.class);
      }
      topic.account(null).close();
    }
    topic.account("a").close();
  }

  @Test
  void an_account_of_one_workspace_has_less_time() {
    write(A, 10);
    OutcomeTopic topic =
        outcomes.topic(
            new Bounds(
                2, 1, Duration.ofSeconds(5), 1 << 20, Duration.ofSeconds(10), Duration.ZERO));
    try (Delivered.Account all = topic.account(null);
        Delivered.Account one = topic.account("a")) {
      assertThat(all.pairs(Set.of(A), 0, 10, begin, progress -> {}).has(A, 10)).isTrue();
      assertThatThrownBy(() -> one.pairs(Set.of(A), 0, 10, begin, progress -> {}))
          .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.status()).isEqualTo(503));
    }
  }
}
