package io.crmwebhooks.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.deliver.Delivery;
import io.crmwebhooks.deliver.EndpointLoad;
import io.crmwebhooks.deliver.EndpointLoads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LanePlanTest {
  private final EndpointLoads loads = new EndpointLoads();
  private final LanePlan plan = new LanePlan(loads, 4, Duration.ofMillis(500));
  private final List<Delivery> refused = new ArrayList<>();

  @Test
  void quick_webhooks_share_the_lanes_and_each_delivery_is_in_one() {
    List<Delivery> owed = owed(Changes.webhook(32), 10);
    owed.addAll(owed(Changes.webhook(32), 10));
    List<List<Delivery>> lanes = plan.lanes(owed, refused::add);
    assertThat(lanes).hasSize(4);
    assertThat(lanes.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(owed);
    assertThat(refused).isEmpty();
  }

  @Test
  void a_slower_webhook_gets_as_many_lanes_as_bring_it_home_in_half_the_patience() {
    Webhook slow = Changes.webhook(100);
    takes(slow, 50);
    assertThat(plan.lanes(owed(slow, 100), refused::add)).hasSize(20);
  }

  @Test
  void what_a_slower_webhook_cannot_answer_in_that_time_is_in_no_lane() {
    Webhook slow = Changes.webhook(8);
    takes(slow, 50);
    List<List<Delivery>> lanes = plan.lanes(owed(slow, 100), refused::add);
    assertThat(lanes).hasSize(8).allMatch(lane -> lane.size() == 5);
    assertThat(refused).hasSize(60);
  }

  @Test
  void one_stray_answer_changes_nothing() {
    Webhook quick = Changes.webhook(32);
    loads.of(quick.id()).observe(15_000);
    assertThat(plan.lanes(owed(quick, 100), refused::add)).hasSize(4);
    assertThat(refused).isEmpty();
  }

  @Test
  void never_more_lanes_than_the_webhook_has_attempts_free() {
    Webhook slow = Changes.webhook(8);
    takes(slow, 50);
    loads.of(slow.id()).enter();
    assertThat(plan.lanes(owed(slow, 100), refused::add)).hasSize(7);
  }

  @Test
  void a_webhook_that_would_not_answer_in_time_gets_no_lane() {
    Webhook silent = Changes.webhook(32);
    takes(silent, 15_000);
    List<Delivery> owed = owed(silent, 3);
    assertThat(plan.lanes(owed, refused::add)).isEmpty();
    assertThat(refused).isEqualTo(owed);
  }

  @Test
  void a_webhook_without_a_free_attempt_gets_no_lane() {
    Webhook busy = Changes.webhook(1);
    loads.of(busy.id()).enter();
    assertThat(plan.lanes(owed(busy, 3), refused::add)).isEmpty();
    assertThat(refused).hasSize(3);
  }

  private void takes(Webhook webhook, long millis) {
    EndpointLoad load = loads.of(webhook.id());
    IntStream.range(0, 200).forEach(i -> load.observe(millis));
  }

  private static List<Delivery> owed(Webhook webhook, int count) {
    List<Delivery> owed = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      owed.add(Delivery.first(i, "person.created", webhook, new byte[0], false, null));
    }
    return owed;
  }
}
