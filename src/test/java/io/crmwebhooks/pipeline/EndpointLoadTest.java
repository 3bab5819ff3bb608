package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.EndpointLoad.Places;
import io.crmwebhooks.pipeline.RetrySchedule.Jitter;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EndpointLoadTest {
  private static final int CONCURRENCY = 8;
  private static final Webhook WEBHOOK =
      TestWebhook.to("http://localhost/").withConcurrency(CONCURRENCY).build();

  private final EndpointHealth health =
      new EndpointHealth(
          new PauseRule(
              4, Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofDays(5), Jitter.NONE));
  private final Delivery ofBatch = Changes.first(1, "r1", WEBHOOK);
  private final Delivery claimed = Changes.claimed(WEBHOOK, Delivery.History.NONE);
  private long nanos = Long.MAX_VALUE - 5;
  private final EndpointLoad load = new EndpointLoad(health, () -> nanos);

  @Test
  void claims_may_take_all_places_of_a_webhook_that_no_batch_brings_anything_for() {
    load.enter();
    assertThat(load.placesOfClaims()).isEqualTo(new Places(1, null));
  }

  @Test
  void claims_leave_half_of_the_places_to_batches() {
    load.shareWithBatches(CONCURRENCY);
    assertThat(load.placesOfClaims()).isEqualTo(new Places(0, 4));
    enter(4);
    assertThat(load.placesOfClaims()).isEqualTo(new Places(4, 4));
  }

  @Test
  void what_batches_have_in_flight_takes_no_place_of_claims_but_beyond_their_half() {
    load.shareWithBatches(CONCURRENCY);
    admit(4);
    assertThat(load.placesOfClaims()).isEqualTo(new Places(0, 4));
    admit(2);
    assertThat(load.placesOfClaims()).isEqualTo(new Places(2, 4));
    enter(2);
    assertThat(load.placesOfClaims()).as("all 8 are taken").isEqualTo(new Places(4, 4));
  }

  @Test
  void an_attempt_gives_back_the_place_of_its_kind() {
    load.shareWithBatches(CONCURRENCY);
    admit(1);
    enter(2);
    load.leave(claimed, 1);
    load.leave(ofBatch, 1);
    assertThat(load.placesOfClaims()).isEqualTo(new Places(1, 4));
    assertThat(load.inFlight()).isEqualTo(1);
  }

  @Test
  void a_second_after_the_last_batch_claims_may_take_all_again() {
    load.shareWithBatches(CONCURRENCY);
    nanos += 999_999_999;
    assertThat(load.placesOfClaims().most()).isEqualTo(4);
    nanos++;
    assertThat(load.placesOfClaims().most()).isNull();
  }

  @Test
  void the_only_place_is_shared_by_turns() {
    load.shareWithBatches(1);
    assertThat(load.placesOfClaims()).isEqualTo(new Places(0, 1));
    admit(1);
    assertThat(load.placesOfClaims()).isEqualTo(new Places(1, 1));
  }

  @Test
  void a_paused_endpoint_is_left_to_claims() {
    load.shareWithBatches(CONCURRENCY);
    health.adopt(Instant.EPOCH, true, 1);
    assertThat(load.placesOfClaims()).isEqualTo(new Places(0, 1));
  }

  @Test
  void of_an_endpoint_that_recovers_half_of_what_it_may_have_is_left_to_batches() {
    health.adopt(Instant.EPOCH, true, 1);
    health.adopt(null, false, 0);
    for (int i = 0; i < 3; i++) {
      health.succeeded(claimed, Instant.EPOCH); // one attempt more with each
    }
    load.shareWithBatches(CONCURRENCY);
    assertThat(load.placesOfClaims()).isEqualTo(new Places(0, 2));
  }

  private void enter(int count) {
    for (int i = 0; i < count; i++) {
      load.enter();
    }
  }

  private void admit(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(load.tryEnter(CONCURRENCY)).isTrue();
    }
  }

  @Test
  void a_webhook_that_is_gone_stays_so_until_it_is_loaded_anew_or_the_database_could_not_be_told() {
    Webhook anew = TestWebhook.to("http://localhost/").build();
    load.setGone(WEBHOOK, "gone");
    assertThat(load.isGone(WEBHOOK)).isTrue();
    assertThat(load.isGone(anew)).as("loaded while the database is being told").isTrue();
    nanos += Duration.ofSeconds(11).toNanos();
    assertThat(load.isGone(WEBHOOK)).as("the database was not told").isFalse();
    load.setGone(WEBHOOK, "gone");
    assertThat(load.isGone(WEBHOOK)).isTrue();
    assertThat(load.isGoneUnrecorded()).isTrue();
    load.recordedGone();
    assertThat(load.isGoneUnrecorded()).isFalse();
    nanos += Duration.ofSeconds(11).toNanos();
    assertThat(load.isGone(WEBHOOK)).isTrue();
    assertThat(load.isGone(anew)).isFalse();
    load.setGone(WEBHOOK, "gone"); // an answer that was under way
    assertThat(load.isGone(anew)).isFalse();
  }
}
