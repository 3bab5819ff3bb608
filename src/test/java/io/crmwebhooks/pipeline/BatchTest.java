package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.Ordering;
import io.crmwebhooks.pipeline.Claims.Claim;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final Duration LEASE = Duration.ofSeconds(60);

  private final Webhook webhook = Changes.webhook(8);
  private final Batch batch = Changes.batch(Changes.of("person.created", "{}"));

  @Test
  void records_the_outcomes_that_came_in_time() {
    Delivery delivery = owe(1);
    batch.start(delivery);
    batch.accept(delivered(delivery));
    assertThat(batch.close(LEASE).outcomes()).containsExactly(delivered(delivery));
  }

  @Test
  void leaves_what_is_being_sent_to_its_sender_for_the_lease() {
    Delivery sending = owe(1);
    batch.start(sending);
    assertThat(batch.close(LEASE).outcomes()).containsExactly(Outcome.unanswered(sending, LEASE));
    assertThat(batch.unanswered()).containsExactly(sending);
  }

  @Test
  void what_its_webhook_could_not_take_is_due_at_once() {
    Delivery deferred = owe(1);
    batch.defer(deferred);
    assertThat(batch.close(LEASE).outcomes()).containsExactly(Outcome.owed(deferred));
  }

  @Test
  void a_change_of_which_nothing_was_begun_goes_back_onto_the_queue() {
    Delivery begun = first(1);
    Delivery besideIt = first(1);
    batch.owe(change(1), List.of(begun, besideIt));
    owe(2);
    batch.start(begun);
    batch.accept(delivered(begun));
    Batch.Closed closed = batch.close(LEASE);
    assertThat(closed.returned()).containsExactly(2L);
    assertThat(closed.outcomes())
        .containsExactlyInAnyOrder(delivered(begun), Outcome.owed(besideIt));
  }

  @Test
  void
      what_is_to_keep_its_order_is_not_sent_and_recorded_with_the_batch_unless_it_stands_already() {
    Webhook ordered =
        TestWebhook.to(webhook.destination().url())
            .withId(webhook.id())
            .with(new Ordering(true, false))
            .build();
    Delivery first = Changes.first(1, "r1", ordered);
    batch.owe(change(1), List.of(first, Changes.first(2, null, ordered)));
    assertThat(batch.inOrder()).containsExactly(first);
    assertThat(batch.owed()).extracting(owed -> owed.change().getId()).containsExactly(2L);
    assertThat(batch.close(LEASE).outcomes()).containsExactly(Outcome.owed(first));
    batch.writtenInOrder();
    assertThat(batch.close(LEASE).outcomes()).isEmpty();
  }

  @Test
  void what_is_in_shadow_is_recorded_and_neither_sent_nor_kept_in_order() {
    Webhook live = TestWebhook.to("/").with(new Ordering(true, false)).liveFrom(1).build();
    Delivery shadow = Changes.first(1, "r1", live);
    batch.owe(change(1), List.of(shadow));
    assertThat(batch.owed()).isEmpty();
    assertThat(batch.inOrder()).isEmpty();
    assertThat(batch.size()).isEqualTo(1);
    assertThat(batch.close(LEASE).outcomes()).containsExactly(Outcome.unsent(shadow));
  }

  @Test
  void a_shadow_is_recorded_again_with_the_change_that_goes_back_onto_the_queue() {
    Delivery shadow = Changes.first(1, "r1", TestWebhook.to("/").liveFrom(1).build());
    batch.owe(change(1), List.of(first(1), shadow));
    assertThat(batch.close(LEASE).returned()).containsExactly(1L);
    assertThat(batch.close(LEASE).outcomes()).isEmpty();
  }

  @Test
  void nothing_starts_once_it_is_closed() {
    Delivery delivery = owe(1);
    batch.close(LEASE);
    assertThat(batch.start(delivery)).isFalse();
  }

  @Test
  void nothing_starts_once_its_time_is_over() {
    Delivery delivery = owe(1);
    batch.sendFor(Duration.ZERO);
    assertThat(batch.start(delivery)).isFalse();
    assertThat(batch.close(LEASE).returned()).containsExactly(1L);
  }

  @Test
  void keeps_a_late_outcome_until_the_batch_is_recorded_and_refuses_it_afterwards() {
    Delivery first = owe(1);
    Delivery second = owe(2);
    batch.start(first);
    batch.start(second);
    batch.close(LEASE);
    assertThat(batch.accept(delivered(first))).isTrue();
    assertThat(batch.recorded()).containsExactly(delivered(first));
    assertThat(batch.accept(delivered(second))).isFalse();
  }

  @Test
  void the_first_verdict_on_a_change_counts() {
    Change change = change(1);
    batch.verdicts().park(change, "too slow");
    batch.owe(change, List.of(first(1)));
    batch.verdicts().drop(change);
    assertThat(batch.owed()).isEmpty();
    assertThat(batch.verdicts().dropped()).isEmpty();
    assertThat(batch.verdicts().parked()).containsOnlyKeys(1L);
  }

  @Test
  void what_was_given_back_returns_to_the_queue() {
    batch.verdicts().giveBack(change(1));
    owe(2);
    assertThat(batch.close(LEASE).returned()).containsExactlyInAnyOrder(1L, 2L);
  }

  @Test
  void nothing_starts_under_a_claim_that_others_may_have_taken_over() {
    Claim claim = new Claim(7, Duration.ofSeconds(60), Duration.ofSeconds(61));
    Batch late = new Batch(List.of(change(1)), claim, News.UNTOLD);
    assertThat(late.start(first(1))).isFalse();
    claim.moved();
    assertThat(claim.askToRenew()).isTrue();
    assertThat(claim.askToRenew()).as("it has not moved since").isFalse();
    claim.renewed();
    assertThat(late.start(first(1))).isTrue();
    claim.lost();
    assertThat(late.start(first(1))).isFalse();
  }

  private static Change change(long id) {
    return Changes.of(id, "", "person.created", "{}", null);
  }

  private Delivery first(long changeId) {
    return Changes.first(changeId, "r1", webhook);
  }

  private Delivery owe(long changeId) {
    Delivery delivery = first(changeId);
    batch.owe(change(changeId), List.of(delivery));
    return delivery;
  }

  private static Outcome delivered(Delivery delivery) {
    return Outcome.delivered(delivery, new Attempt(1, Instant.EPOCH, 3, 200, null, null));
  }
}
