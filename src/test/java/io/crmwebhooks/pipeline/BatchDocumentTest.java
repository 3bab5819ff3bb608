package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.pipeline.BatchDocument.Parked;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchDocumentTest {
  private static final BatchDocument DOCUMENT =
      new BatchDocument(
          Set.of(5L),
          List.of(outcome(1), outcome(2), outcome(2)),
          List.of(new Parked(3, "malformed")),
          List.of(4L));

  private static OutcomeRow outcome(long change) {
    return new OutcomeRow(
        null, change, 0, null, "delivered", 1, null, 1L, 1L, 200, null, null, null, null, null);
  }

  @Test
  void a_part_says_of_its_changes_all_that_the_whole_does() {
    assertThat(DOCUMENT.changeIds()).containsExactly(1L, 2L, 3L, 4L, 5L);
    BatchDocument part = DOCUMENT.only(Set.of(2L, 4L)::contains);
    assertThat(part)
        .isEqualTo(
            new BatchDocument(Set.of(), List.of(outcome(2), outcome(2)), List.of(), List.of(4L)));
    BatchDocument rest = DOCUMENT.only(id -> !Set.of(2L, 4L).contains(id));
    assertThat(rest.changeIds()).containsExactly(1L, 3L, 5L);
  }

  @Test
  void one_that_only_parks_can_say_no_less() {
    BatchDocument parking = DOCUMENT.only(id -> id == 2).parking("refused");
    assertThat(parking)
        .isEqualTo(
            new BatchDocument(Set.of(), List.of(), List.of(new Parked(2, "refused")), List.of()));
    assertThat(parking.bare()).isTrue();
    assertThat(DOCUMENT.bare()).isFalse();
    assertThat(DOCUMENT.only(id -> id == 4).bare()).isFalse();
  }
}
