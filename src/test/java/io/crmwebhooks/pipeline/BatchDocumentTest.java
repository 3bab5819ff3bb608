package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.Recording.BatchDocument;
import io.crmwebhooks.pipeline.Recording.BatchDocument.Parked;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchDocumentTest {
  private static final Webhook WEBHOOK = Changes.webhook(1);
  private static final OutcomeRow FIRST = outcome(1, "answered é");
  private static final OutcomeRow SECOND = outcome(2, "refused");
  private static final BatchDocument DOCUMENT =
      new BatchDocument(
          Set.of(5L), List.of(FIRST, SECOND), List.of(new Parked(3, "malformed")), List.of(4L));

  private static OutcomeRow outcome(long change, String error) {
    Delivery delivery = Changes.first(change, "r1", WEBHOOK);
    return OutcomeRow.appended(
        Outcome.dead(delivery, new Attempt(1, Instant.EPOCH, 1, 500, error, null)));
  }

  @Test
  void says_of_one_change_all_that_it_does_of_that() {
    assertThat(DOCUMENT.changeIds()).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(DOCUMENT.only(2).outcomes()).containsExactly(SECOND);
    assertThat(DOCUMENT.only(2).changeIds()).containsExactly(2L);
    assertThat(DOCUMENT.only(3).parked()).containsExactly(new Parked(3, "malformed"));
    assertThat(DOCUMENT.only(4).dropped()).containsExactly(4L);
    assertThat(DOCUMENT.only(5).returned()).containsExactly(5L);
  }

  @Test
  void one_that_only_parks_can_say_no_less() {
    assertThat(BatchDocument.parking(2, "refused").onlyParks()).isTrue();
    assertThat(DOCUMENT.onlyParks()).isFalse();
    assertThat(DOCUMENT.only(4).onlyParks()).isFalse();
  }

  @Test
  void the_words_of_others_can_be_left_out() {
    assertThat(DOCUMENT.only(1).hasWords()).isTrue();
    assertThat(DOCUMENT.only(1).withoutWords().outcomes().get(0).error()).isEqualTo("answered ?");
    assertThat(DOCUMENT.only(1).withoutWords().hasWords()).isFalse();
    assertThat(DOCUMENT.only(2).hasWords()).isFalse();
    OutcomeRow unsendable =
        OutcomeRow.appended(
            Outcome.unsendable(Changes.first(1, "r1", WEBHOOK), "filter fails: é\0"));
    assertThat(unsendable.error()).isEqualTo("filter fails: é\ufffd");
    assertThat(unsendable.hasWords()).isTrue();
    assertThat(unsendable.withoutWords().error()).isEqualTo("filter fails: ??");
  }

  @Test
  void a_body_is_kept_once_its_bytes_may_have_gone_out_unless_it_was_accepted_at_once() {
    Delivery delivery = Changes.first(1, "r1", WEBHOOK);
    Attempt attempt = new Attempt(1, Instant.EPOCH, 1, 500, "x", null);
    assertThat(body(Outcome.delivered(delivery, attempt))).isNull();
    assertThat(body(Outcome.owed(delivery))).isNull();
    assertThat(body(Outcome.cancelled(delivery, "gone"))).isNull();
    assertThat(body(Outcome.unanswered(delivery, Duration.ofMinutes(1)))).isNotNull();
    assertThat(body(Outcome.retry(delivery, attempt, Duration.ZERO))).isNotNull();
    assertThat(body(Outcome.dead(delivery, attempt))).isNotNull();
    assertThat(body(Outcome.gone(delivery, attempt, "gone"))).isNotNull();
  }

  private static String body(Outcome outcome) {
    return OutcomeRow.appended(outcome).body();
  }
}
