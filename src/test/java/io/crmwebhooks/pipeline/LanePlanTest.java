package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.LanePlan.Lane;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LanePlanTest {
  private final Endpoints endpoints =
      new Endpoints(PauseRule.NEVER, Clock.systemUTC(), Duration.ofMinutes(1));
  private final LanePlan plan = new LanePlan(endpoints, 500, 4, 1, Duration.ofMillis(500));
  private final List<Delivery> deferred = new ArrayList<>();

  @Test
  void quick_webhooks_share_the_lanes_and_each_delivery_is_in_one() {
    List<Delivery> owed = owed(Changes.webhook(32), 10);
    owed.addAll(owed(Changes.webhook(32), 10));
    List<Lane> lanes = plan.lanes(owed, deferred::add);
    assertThat(lanes).hasSize(4);
    assertThat(deliveries(lanes)).containsExactlyInAnyOrderElementsOf(owed);
    assertThat(deferred).isEmpty();
  }

  @Test
  void claims_leave_half_of_the_attempts_of_quick_webhooks_to_batches() {
    Webhook quick = Changes.webhook(32);
    Webhook slow = Changes.webhook(32);
    takes(slow, 50);
    List<Delivery> owed = owed(quick, 4);
    owed.addAll(owed(slow, 10));
    owed.addAll(owed(Changes.webhook(32), 3)); // few enough to find places
    plan.lanes(owed, deferred::add);
    assertThat(endpoints.busy()).containsExactly(new Endpoints.Busy(quick.id(), 0, 0, 16));
  }

  @Test
  void claims_leave_half_of_the_attempts_also_when_they_have_taken_all() {
    Webhook quick = Changes.webhook(8);
    IntStream.range(0, 8).forEach(i -> endpoints.of(quick.id()).enter());
    assertThat(plan.lanes(owed(quick, 10), deferred::add)).isEmpty();
    assertThat(endpoints.busy()).containsExactly(new Endpoints.Busy(quick.id(), 8, 0, 4));
  }

  @Test
  void a_slower_webhook_gets_as_many_lanes_as_bring_it_home_in_half_the_patience() {
    Webhook slow = Changes.webhook(100);
    takes(slow, 50);
    assertThat(plan.lanes(owed(slow, 100), deferred::add)).hasSize(20);
  }

  @Test
  void what_a_slower_webhook_cannot_answer_in_that_time_is_in_no_lane() {
    Webhook slow = Changes.webhook(8);
    takes(slow, 50);
    List<Lane> lanes = plan.lanes(owed(slow, 100), deferred::add);
    assertThat(lanes).hasSize(8).allMatch(lane -> lane.deliveries().size() == 8);
    assertThat(deferred).hasSize(36);
  }

  @Test
  void a_webhook_that_has_not_answered_yet_holds_up_none_that_has() {
    Webhook proven = Changes.webhook(32);
    takes(proven, 1);
    List<Delivery> toProven = owed(proven, 10);
    List<Delivery> toUnproven = owed(Changes.webhook(32), 10);
    List<Delivery> owed = new ArrayList<>(toUnproven);
    owed.addAll(toProven);
    List<Lane> lanes = plan.lanes(owed, deferred::add);
    assertThat(deliveries(lanes.subList(0, 4))).containsExactlyInAnyOrderElementsOf(toProven);
    assertThat(deliveries(lanes.subList(4, 8))).containsExactlyInAnyOrderElementsOf(toUnproven);
    assertThat(lanes).extracting(Lane::quick).startsWith(true, true, true, true, false);
  }

  @Test
  void a_webhook_that_two_batches_have_waited_for_in_vain_gets_no_lane() {
    Webhook silent = Changes.webhook(32);
    IntStream.range(0, 8).forEach(i -> endpoints.of(silent.id()).observeUnanswered(500));
    List<Delivery> owed = owed(silent, 3);
    assertThat(plan.lanes(owed, deferred::add)).isEmpty();
    assertThat(deferred).isEqualTo(owed);
  }

  @Test
  void a_slower_webhook_leaves_its_concurrency_to_other_batches_as_well() {
    LanePlan oneOfFour = new LanePlan(endpoints, 500, 4, 4, Duration.ofMillis(500));
    Webhook slow = Changes.webhook(32);
    takes(slow, 50);
    assertThat(oneOfFour.lanes(owed(slow, 100), deferred::add)).hasSize(8);
  }

  @Test
  void slower_webhooks_with_little_to_do_share_lanes_that_are_over_in_half_the_patience() {
    List<Delivery> owed = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Webhook slow = Changes.webhook(32);
      takes(slow, 50);
      owed.addAll(owed(slow, 2));
    }
    List<Lane> lanes = plan.lanes(owed, deferred::add);
    assertThat(lanes).hasSize(10).allMatch(lane -> lane.deliveries().size() == 4);
    assertThat(deliveries(lanes)).containsExactlyInAnyOrderElementsOf(owed);
  }

  @Test
  void those_of_a_record_to_a_webhook_that_keeps_its_order_share_a_lane() {
    Webhook ordered =
        TestWebhook.to("/")
            .withConcurrency(32)
            .with(new Webhook.Ordering(true, false, false))
            .build();
    List<Delivery> owed = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      owed.add(Changes.first(i, "r" + i / 2, ordered));
    }
    List<Lane> lanes = plan.lanes(owed, deferred::add);
    assertThat(deliveries(lanes)).containsExactlyInAnyOrderElementsOf(owed);
    assertThat(lanes).hasSize(4).allMatch(lane -> lane.deliveries().size() == 6);
    assertThat(lanes)
        .allSatisfy(
            lane ->
                assertThat(lane.deliveries().stream().map(Delivery::line).distinct()).hasSize(3));
  }

  @Test
  void posts_of_many_to_a_slower_webhook_go_side_by_side_unless_they_keep_an_order() {
    for (boolean inOrder : new boolean[] {false, true}) {
      Webhook slow =
          TestWebhook.to("/")
              .withBatches(10, null)
              .with(new Webhook.Ordering(inOrder, false, false))
              .build();
      takes(slow, 50);
      List<Delivery> posts = Posts.of(owed(slow, 60), deferred::add);
      assertThat(plan.lanes(posts, deferred::add)).hasSize(inOrder ? 1 : 6);
      assertThat(deferred).isEmpty();
    }
  }

  @Test
  void one_stray_answer_changes_nothing() {
    Webhook quick = Changes.webhook(32);
    endpoints.of(quick.id()).observe(15_000);
    assertThat(plan.lanes(owed(quick, 100), deferred::add)).hasSize(4);
    assertThat(deferred).isEmpty();
  }

  @Test
  void never_more_lanes_than_the_webhook_has_attempts_free() {
    Webhook slow = Changes.webhook(8);
    takes(slow, 50);
    endpoints.of(slow.id()).enter();
    assertThat(plan.lanes(owed(slow, 100), deferred::add)).hasSize(7);
  }

  @Test
  void a_webhook_that_would_not_answer_in_time_gets_no_lane() {
    Webhook silent = Changes.webhook(32);
    takes(silent, 15_000);
    List<Delivery> owed = owed(silent, 3);
    assertThat(plan.lanes(owed, deferred::add)).isEmpty();
    assertThat(deferred).isEqualTo(owed);
  }

  @Test
  void a_webhook_without_a_free_attempt_gets_no_lane() {
    Webhook busy = Changes.webhook(1);
    endpoints.of(busy.id()).enter();
    assertThat(plan.lanes(owed(busy, 3), deferred::add)).isEmpty();
    assertThat(deferred).hasSize(3);
  }

  @Test
  void batches_are_full_where_a_change_makes_one_delivery_or_none() {
    assertThat(plan.batchSize()).isEqualTo(500);
    owes(500, 0);
    assertThat(plan.batchSize()).isEqualTo(500);
  }

  @Test
  void batches_shrink_to_about_as_many_deliveries_and_grow_again() {
    owes(500, 5000);
    assertThat(plan.batchSize()).isBetween(48, 52);
    owes(500, 500);
    assertThat(plan.batchSize()).isBetween(490, 500);
  }

  @Test
  void a_batch_is_never_empty() {
    owes(1, 1_000_000);
    assertThat(plan.batchSize()).isEqualTo(1);
  }

  private void owes(int changes, int deliveries) {
    IntStream.range(0, 30).forEach(i -> plan.observe(changes, deliveries));
  }

  private static List<Delivery> deliveries(List<Lane> lanes) {
    return lanes.stream().flatMap(lane -> lane.deliveries().stream()).toList();
  }

  private void takes(Webhook webhook, long millis) {
    EndpointLoad load = endpoints.of(webhook.id());
    IntStream.range(0, 200).forEach(i -> load.observe(millis));
  }

  private static List<Delivery> owed(Webhook webhook, int count) {
    List<Delivery> owed = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      owed.add(Changes.first(i, "r1", webhook));
    }
    return owed;
  }
}
