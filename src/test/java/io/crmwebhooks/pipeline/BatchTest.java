package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Post;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.Ordering;
import io.crmwebhooks.pipeline.Claims.Claim;
import io.crmwebhooks.pipeline.Settlement.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final Attempt ATTEMPT = new Attempt(1, Instant.EPOCH, 3, 200, null, null);

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
    Ledger.Closed closed = batch.close(LEASE);
    assertThat(closed.returned()).containsExactly(2L);
    assertThat(closed.outcomes())
        .containsExactlyInAnyOrder(delivered(begun), Outcome.owed(besideIt));
  }

  private static final Webhook ORDERED =
      TestWebhook.to("/").with(new Ordering(true, false, false)).build();

  @Test
  void in_a_line_one_is_under_way_at_a_time_and_the_next_goes_when_it_was_accepted() {
    Delivery first = owe(1, "a", ORDERED);
    Delivery second = owe(2, "a", ORDERED);
    Delivery other = owe(3, "b", ORDERED);
    batch.sendFor(Duration.ofMinutes(1));
    assertThat(batch.start(first)).isTrue();
    assertThat(batch.ready(other)).isSameAs(other);
    assertThat(batch.start(second)).isFalse();
    assertThat(batch.start(other)).isTrue();
    batch.accept(delivered(first));
    assertThat(batch.start(second)).isTrue();
  }

  @Test
  void those_behind_one_that_was_not_accepted_are_pending_and_sleep() {
    Delivery failed = owe(1, "a", ORDERED);
    Delivery behind = owe(2, "a", ORDERED);
    Delivery withoutRecord = owe(3, null, ORDERED);
    batch.sendFor(Duration.ofMinutes(1));
    batch.start(failed);
    batch.accept(Outcome.retry(failed, ATTEMPT, Duration.ofSeconds(5)));
    assertThat(batch.ready(behind)).isNull();
    assertThat(batch.start(withoutRecord)).isTrue();
    batch.accept(delivered(withoutRecord));
    assertThat(batch.close(LEASE).outcomes())
        .containsExactly(
            Outcome.retry(failed, ATTEMPT, Duration.ofSeconds(5)),
            Outcome.asleep(behind),
            delivered(withoutRecord));
  }

  @Test
  void a_dead_letter_lets_later_ones_pass_unless_it_is_to_hold_them() {
    Webhook holding = TestWebhook.to("/").with(new Ordering(true, true, false)).build();
    for (Webhook webhook : List.of(ORDERED, holding)) {
      Delivery dead = owe(1, "a", webhook);
      Delivery next = owe(2, "a", webhook);
      batch.start(dead);
      batch.accept(Outcome.dead(dead, ATTEMPT));
      assertThat(batch.ready(next)).isSameAs(webhook == holding ? null : next);
    }
  }

  @Test
  void from_a_change_that_is_pending_on_its_line_waits_and_the_first_that_waits_is_due() {
    Delivery before = owe(1, "a", ORDERED);
    Delivery first = owe(3, "a", ORDERED);
    Delivery second = owe(4, "a", ORDERED);
    batch.waitFrom(before.line(), 2);
    assertThat(batch.ready(before)).isSameAs(before);
    assertThat(batch.ready(first)).isNull();
    batch.start(before);
    batch.accept(delivered(before));
    assertThat(batch.ready(second)).isNull();
    assertThat(batch.close(LEASE).outcomes())
        .containsExactly(delivered(before), Outcome.owed(first), Outcome.asleep(second));
  }

  @Test
  void a_change_does_not_go_back_onto_the_queue_when_a_later_one_of_its_line_is_recorded() {
    Delivery first = owe(1, "a", ORDERED);
    Delivery second = Changes.first(2, "a", ORDERED);
    Delivery begun = Changes.first(2, "a", webhook);
    batch.owe(change(2), List.of(second, begun));
    owe(3, "a", ORDERED);
    batch.start(begun);
    Ledger.Closed closed = batch.close(LEASE);
    assertThat(closed.returned()).containsExactly(3L);
    assertThat(closed.outcomes())
        .containsExactly(
            Outcome.owed(first), Outcome.asleep(second), Outcome.unanswered(begun, LEASE));
  }

  @Test
  void a_change_that_is_given_back_takes_later_ones_of_its_record_with_it() {
    Delivery other = Changes.first(3, "b", ORDERED);
    Change malformed =
        new Change(
            new Change.Place(4, 0, 0),
            new Change.Event("", "nothing", "r1", Instant.EPOCH, null),
            ChangeRow.record("{}"),
            null,
            "event is not of the form object.action");
    Batch three = batch(true, change(1), change(2), other.change(), malformed);
    three.verdicts().giveBack(change(1));
    three.verdicts().giveBack(malformed);
    Delivery later = Changes.first(2, "r1", ORDERED);
    three.owe(change(2), List.of(later));
    three.owe(other.change(), List.of(other));
    three.sendFor(Duration.ofMinutes(1));
    assertThat(three.owed()).extracting(owed -> owed.change().getId()).containsExactly(3L);
    assertThat(three.close(LEASE).returned()).contains(1L, 2L);
  }

  @Test
  void without_anything_in_order_partitions_are_free_once_the_quick_lanes_have_ended() {
    Batch one = batch(true, change(1));
    one.owe(change(1), List.of(first(1)));
    one.sendFor(Duration.ofMinutes(1));
    one.settlement().plan(1, 2);
    assertThat(one.settlement().turn()).isEqualTo(Turn.GOES_ON);
    assertThat(one.settlement().endLane(true)).isTrue();
    assertThat(one.settlement().turn()).isEqualTo(Turn.FREED);
    one.settlement().endLane(false);
    assertThat(one.settlement().turn()).as("it says so once").isEqualTo(Turn.GOES_ON);
    assertThat(one.settlement().end()).isEqualTo(Turn.SETTLED);
    assertThat(one.settlement().end()).as("nor is it settled twice").isEqualTo(Turn.GOES_ON);
  }

  @Test
  void a_batch_with_something_in_order_is_settled_when_its_quick_lanes_have_ended() {
    for (boolean quick : List.of(true, false)) {
      Batch one = batch(true, change(1));
      Delivery ordered = Changes.first(1, "r1", ORDERED);
      one.owe(change(1), List.of(ordered));
      one.sendFor(Duration.ofMinutes(1));
      one.settlement().plan(quick ? 1 : 0, 2);
      one.start(ordered);
      one.accept(delivered(ordered));
      one.settlement().endLane(quick);
      assertThat(one.settlement().turn()).isEqualTo(quick ? Turn.SETTLED : Turn.GOES_ON);
      assertThat(one.settlement().end()).isEqualTo(quick ? Turn.GOES_ON : Turn.SETTLED);
    }
  }

  @Test
  void a_batch_that_gives_a_change_back_keeps_its_partitions_until_it_is_settled() {
    Batch one = batch(true, change(1), change(2));
    one.verdicts().giveBack(change(1));
    one.owe(change(2), List.of(first(2)));
    one.sendFor(Duration.ofMinutes(1));
    one.settlement().plan(0, 2);
    assertThat(one.settlement().turn()).isEqualTo(Turn.GOES_ON);
  }

  @Test
  void what_was_claimed_without_its_partition_goes_back_when_an_order_is_asked_for_by_now() {
    Change other = Changes.first(2, "b", webhook).change();
    Batch one = batch(false, change(1), other);
    one.owe(change(1), List.of(Changes.first(1, "a", ORDERED), Changes.first(1, "a", webhook)));
    one.owe(other, List.of(Changes.first(2, "b", webhook)));
    one.sendFor(Duration.ofMinutes(1));
    assertThat(one.owed()).extracting(owed -> owed.change().getId()).containsExactly(2L);
    assertThat(one.close(LEASE).returned()).contains(1L);
  }

  @Test
  void those_behind_one_that_may_not_start_do_not_start_either() {
    Claim claim = new Claim(7, Duration.ofDays(1), Duration.ZERO);
    Batch one = new Batch(List.of(change(1), change(2)), claim, Batch.Hold.PARTITIONS, News.UNTOLD);
    Delivery first = Changes.first(1, "a", ORDERED);
    Delivery second = Changes.first(2, "a", ORDERED);
    one.owe(change(1), List.of(first));
    one.owe(change(2), List.of(second));
    one.sendFor(Duration.ofMinutes(1));
    claim.lost();
    assertThat(one.start(first)).isFalse();
    claim.moved();
    claim.askToRenew();
    claim.renewed();
    assertThat(one.start(second)).isFalse();
  }

  @Test
  void a_batch_that_holds_no_partition_frees_none() {
    Batch one = batch(false, change(1));
    one.settlement().plan(0, 2);
    assertThat(one.settlement().turn()).isEqualTo(Turn.GOES_ON);
  }

  @Test
  void what_is_in_shadow_is_recorded_and_neither_sent_nor_kept_in_order() {
    Webhook live = TestWebhook.to("/").with(new Ordering(true, false, false)).liveFrom(1).build();
    Delivery shadow = Changes.first(1, "r1", live);
    batch.owe(change(1), List.of(shadow));
    assertThat(batch.owed()).isEmpty();
    assertThat(batch.lines()).isEmpty();
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
    Batch late = new Batch(List.of(change(1)), claim, Batch.Hold.NOTHING, News.UNTOLD);
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
    return Outcome.delivered(delivery, ATTEMPT);
  }

  private Delivery owe(long changeId, String record, Webhook to) {
    Delivery delivery = Changes.first(changeId, record, to);
    batch.owe(delivery.change(), List.of(delivery));
    return delivery;
  }

  private static Batch batch(boolean inOrder, Change... changes) {
    Claim claim = new Claim(7, Duration.ofDays(1), Duration.ZERO);
    return new Batch(
        List.of(changes), claim, inOrder ? Batch.Hold.PARTITIONS : Batch.Hold.NOTHING, News.UNTOLD);
  }

  private static final Webhook TOGETHER = TestWebhook.to("/").withBatches(10, LEASE).build();

  @Test
  void those_of_a_post_have_its_outcome_and_those_that_wait_for_more_are_pending() {
    Delivery one = owe(1, "a", TOGETHER);
    Delivery two = owe(2, "b", TOGETHER);
    Delivery waits = owe(3, "c", TOGETHER);
    Delivery post = Post.of(List.of(one, two));
    batch.sendFor(Duration.ofMinutes(1));
    batch.gather(waits);
    assertThat(batch.start(post)).isTrue();
    assertThat(batch.start(post)).isFalse();
    assertThat(batch.unanswered()).containsExactly(post);
    batch.accept(delivered(post));
    assertThat(batch.unanswered()).isEmpty();
    assertThat(batch.close(LEASE).outcomes())
        .containsExactly(delivered(one), delivered(two), Outcome.waiting(waits, LEASE));
  }

  @Test
  void a_post_without_an_answer_stays_together_under_its_lease() {
    Delivery one = owe(1, "a", TOGETHER);
    Delivery two = owe(2, "b", TOGETHER);
    Delivery post = Post.of(List.of(one, two));
    batch.sendFor(Duration.ofMinutes(1));
    batch.start(post);
    assertThat(batch.close(LEASE).outcomes())
        .isEqualTo(Outcome.unanswered(post, LEASE).each())
        .extracting(outcome -> outcome.together().postId())
        .containsOnly(post.id());
  }

  @Test
  void those_in_order_go_in_one_post_but_for_those_that_wait_for_an_earlier_one() {
    Webhook ordered =
        TestWebhook.to("/").withBatches(10, null).with(new Ordering(true, false, false)).build();
    Delivery failed = owe(1, "a", ordered);
    Delivery behind = owe(2, "a", ordered);
    Delivery first = owe(3, "b", ordered);
    Delivery second = owe(4, "b", ordered);
    batch.sendFor(Duration.ofMinutes(1));
    batch.start(Post.of(List.of(failed)));
    batch.accept(Outcome.retry(Post.of(List.of(failed)), ATTEMPT, LEASE));
    Delivery ready = batch.ready(Post.of(List.of(behind, first, second)));
    assertThat(ready.members()).containsExactly(first, second);
    assertThat(batch.start(ready)).isTrue();
    assertThat(batch.start(Post.of(List.of(owe(5, "b", ordered))))).isFalse();
    batch.accept(delivered(ready));
    assertThat(batch.close(LEASE).outcomes())
        .contains(Outcome.asleep(behind), delivered(first), delivered(second));
  }
}
