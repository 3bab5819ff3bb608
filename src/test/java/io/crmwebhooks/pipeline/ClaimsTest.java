package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.News;
import io.crmwebhooks.pipeline.Claims.Claim;
import io.crmwebhooks.pipeline.Claims.Slot;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClaimsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Claims claims =
      new Claims(2, Duration.ZERO, MINUTE, Duration.ofSeconds(10), () -> {});

  @Test
  void a_claim_is_known_until_its_batch_is_over() throws InterruptedException {
    Slot slot = claims.takeSlot();
    slot.open(7, Duration.ZERO);
    assertThat(claims.getHeld()).isEqualTo("{7}");
    slot.end();
    assertThat(claims.getHeld()).isEqualTo("{}");
  }

  @Test
  void it_is_known_while_a_lane_settles_its_batch_although_that_has_left() throws Exception {
    Slot slot = claims.takeSlot();
    Claim claim = slot.open(7, Duration.ZERO);
    Batch batch = new Batch(List.of(), claim, Batch.Hold.PARTITIONS, News.UNTOLD);
    claim.settling(true);
    slot.end();
    assertThat(claims.getHeld()).isEqualTo("{7}");
    batch.recorded();
    assertThat(claims.getHeld()).isEqualTo("{}");
  }

  @Test
  void what_settles_beyond_its_lease_is_forgotten() throws Exception {
    Slot slot = claims.takeSlot();
    Claim claim = slot.open(7, Duration.ZERO);
    claim.settling(true);
    slot.end();
    claim.lost();
    assertThat(claims.getHeld()).isEqualTo("{}");
  }

  @Test
  void a_claim_that_comes_so_late_that_the_beat_has_taken_it_for_lost_is_not_worked_on()
      throws InterruptedException {
    assertThat(claims.takeSlot().open(7, Duration.ofSeconds(10)).isHeld()).isTrue();
    assertThat(claims.takeSlot().open(8, Duration.ofSeconds(11)).isHeld()).isFalse();
  }

  @Test
  void what_is_forwarded_goes_on_while_three_quarters_of_the_lease_are_left_and_renews_the_claim() {
    Claims forwarded = new Claims(1, MINUTE, Duration.ofSeconds(40), MINUTE, () -> {});
    assertThat(forwarded.hold(7, Duration.ofSeconds(9)).goesOn()).isTrue();
    assertThat(forwarded.hold(8, Duration.ofSeconds(11)).goesOn()).isFalse();
    assertThat(forwarded.getMoving()).isEqualTo("{7}");
  }
}
