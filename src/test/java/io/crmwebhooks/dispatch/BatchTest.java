package io.crmwebhooks.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.deliver.Attempt;
import io.crmwebhooks.deliver.Delivery;
import io.crmwebhooks.record.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final Duration LEASE = Duration.ofSeconds(60);

  private final Webhook webhook = Changes.webhook(8);
  private final Batch batch = new Batch(List.of(Changes.of("person.created", "{}")));

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
    assertThat(batch.close(LEASE).outcomes()).containsExactly(new Outcome.Owed(sending, LEASE));
    assertThat(batch.unanswered()).containsExactly(sending);
  }

  @Test
  void what_its_webhook_could_not_take_is_due_at_once() {
    Delivery refused = owe(1);
    batch.refuse(refused);
    assertThat(batch.close(LEASE).outcomes())
        .containsExactly(new Outcome.Owed(refused, Duration.ZERO));
  }

  @Test
  void a_change_of_which_nothing_was_begun_goes_back_onto_the_queue() {
    Delivery begun = owe(1);
    Delivery besideIt = owe(1);
    owe(2);
    batch.start(begun);
    batch.accept(delivered(begun));
    Batch.Closed closed = batch.close(LEASE);
    assertThat(closed.returned()).containsExactly(2L);
    assertThat(closed.outcomes())
        .containsExactlyInAnyOrder(delivered(begun), new Outcome.Owed(besideIt, Duration.ZERO));
  }

  @Test
  void
      what_is_to_keep_its_order_is_not_sent_and_recorded_with_the_batch_unless_it_stands_already() {
    Webhook ordered =
        TestWebhook.to(webhook.targetUrl())
            .withId(webhook.id())
            .with(new Ordering(true, false))
            .build();
    Delivery first =
        Delivery.first(1, 0, "person.created", "r1", ordered, new byte[0], false, batch);
    batch.owe(first);
    batch.owe(Delivery.first(2, 0, "person.created", null, ordered, new byte[0], false, batch));
    assertThat(batch.inOrder()).containsExactly(first);
    assertThat(batch.owed()).extracting(Delivery::changeId).containsExactly(2L);
    assertThat(batch.close(LEASE).outcomes())
        .containsExactly(new Outcome.Owed(first, Duration.ZERO));
    batch.writtenInOrder();
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

  private Delivery owe(long changeId) {
    Delivery delivery =
        Delivery.first(changeId, 0, "person.created", "r1", webhook, new byte[0], false, batch);
    batch.owe(delivery);
    return delivery;
  }

  private static Outcome delivered(Delivery delivery) {
    return new Outcome.Delivered(delivery, new Attempt(1, Instant.EPOCH, 3, 200, null, null));
  }
}
