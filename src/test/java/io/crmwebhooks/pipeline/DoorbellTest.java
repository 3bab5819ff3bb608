package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DoorbellTest {
  private final AtomicLong nanos = new AtomicLong(7);
  private final Doorbell bell = new Doorbell(null, nanos::get);

  @Test
  void an_empty_claim_arms_the_doorbell_once() {
    assertThat(bell.afterClaim(0)).isTrue();
    assertThat(bell.afterClaim(0)).isNull();
  }

  @Test
  void single_changes_with_empty_claims_between_them_leave_it_armed() {
    assertThat(bell.afterClaim(0)).isTrue();
    for (int i = 0; i < 100; i++) {
      pass(5);
      assertThat(bell.afterClaim(1)).isNull();
      assertThat(bell.afterClaim(0)).isNull();
    }
  }

  @Test
  void changes_that_come_all_the_time_disarm_it_after_a_while() {
    bell.afterClaim(0);
    pass(49);
    assertThat(bell.afterClaim(500)).isNull();
    pass(1);
    assertThat(bell.afterClaim(500)).isFalse();
    pass(10);
    assertThat(bell.afterClaim(500)).isNull();
    assertThat(bell.afterClaim(0)).isTrue();
  }

  @Test
  void what_was_said_is_said_again_after_a_second_since_others_may_have_said_otherwise() {
    bell.afterClaim(0);
    pass(1000);
    assertThat(bell.afterClaim(0)).isTrue();
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
