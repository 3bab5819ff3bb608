package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PollPaceTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 7); // such a clock may go over
  private final PollPace pace = new PollPace(nanos::get, 500);

  @BeforeEach
  void begin() {
    pace.begin();
  }

  @Test
  void it_looks_for_a_while_after_writers_are_asked_to_ring_since_some_have_not_heard_of_it() {
    assertThat(pace.waitMillis()).isEqualTo(5);
    pass(99);
    assertThat(pace.isLooking()).isTrue();
    pass(1);
    assertThat(pace.isLooking()).isFalse();
    assertThat(pace.waitMillis()).isEqualTo(500);
  }

  @Test
  void two_hundred_commits_a_second_go_on_ringing() {
    pass(100);
    for (int i = 0; i < 2000; i++) {
      pace.claimed(1);
      assertThat(pace.after(1)).isNull();
      assertThat(pace.isLooking()).isFalse();
      pass(5);
    }
  }

  @Test
  void fifty_rings_within_a_tenth_of_a_second_ask_writers_not_to_ring() {
    pass(100);
    for (int i = 0; i < 49; i++) {
      assertThat(pace.after(1)).isNull();
      pass(1);
    }
    assertThat(pace.after(1)).isFalse();
    assertThat(pace.waitMillis()).isEqualTo(5);
  }

  @Test
  void one_commit_of_many_changes_asks_for_nothing() {
    pass(100);
    pace.claimed(100_000);
    assertThat(pace.after(1)).isNull();
    pass(1000);
    assertThat(pace.after(0)).isNull();
    assertThat(pace.isLooking()).isFalse();
  }

  @Test
  void it_looks_for_as_long_as_much_is_found_then_writers_are_to_ring_again() {
    assertThat(pace.after(50)).isFalse();
    for (int second = 0; second < 10; second++) {
      pace.claimed(250);
      pass(999);
      assertThat(pace.after(0)).isNull();
      pass(1);
      assertThat(pace.after(0)).isNull();
      assertThat(pace.isLooking()).isTrue();
    }
    pace.claimed(249);
    pass(999);
    assertThat(pace.after(0)).isNull();
    pass(1);
    assertThat(pace.waitMillis()).as("nobody is to ring yet").isEqualTo(5);
    assertThat(pace.after(0)).isTrue();
    assertThat(pace.isLooking()).isTrue();
    pass(100);
    assertThat(pace.after(0)).isNull();
    assertThat(pace.isLooking()).isFalse();
  }

  @Test
  void writers_that_another_process_has_asked_to_ring_are_asked_not_to_once_more() {
    assertThat(pace.after(50)).isFalse();
    pass(300);
    assertThat(pace.after(50)).isFalse();
    pass(900);
    assertThat(pace.after(0)).isNull();
    assertThat(pace.isLooking()).isTrue();
  }

  private void pass(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
