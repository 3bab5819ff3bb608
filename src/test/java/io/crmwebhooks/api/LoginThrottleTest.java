package io.crmwebhooks.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
  private final AtomicLong now = new AtomicLong();
  private final LoginThrottle throttle = new LoginThrottle(now::get);

  private long fail(String address) {
    return throttle.failed(address, "wrong");
  }

  @Test
  void each_failure_of_an_address_is_answered_later_up_to_a_limit() {
    assertThat(IntStream.range(0, 8).mapToLong(i -> fail("a")))
        .containsExactly(100L, 200L, 400L, 800L, 1600L, 3200L, 5000L, 5000L);
    assertThat(fail("b")).isEqualTo(100);
  }

  @Test
  void an_address_without_failures_for_a_while_starts_anew() {
    fail("a");
    fail("a");
    now.addAndGet(Duration.ofMinutes(11).toNanos());
    assertThat(fail("a")).isEqualTo(100);
  }

  @Test
  void while_many_of_an_address_wait_no_more_are_looked_at() {
    for (int i = 0; i < LoginThrottle.MOST_WAITING; i++) {
      assertThat(throttle.admits("a")).isTrue();
    }
    assertThat(throttle.admits("a")).isFalse();
    assertThat(throttle.admits("b")).isTrue();
    throttle.answered("a");
    assertThat(throttle.admits("a")).isTrue();
  }

  @Test
  void while_many_of_all_addresses_wait_no_more_are_looked_at() {
    for (int i = 0; i < LoginThrottle.MOST_WAITING_IN_ALL; i++) {
      assertThat(throttle.admits("a" + i)).isTrue();
    }
    assertThat(throttle.admits("b")).isFalse();
    throttle.answered("a0");
    assertThat(throttle.admits("b")).isTrue();
  }

  @Test
  void a_token_that_was_right_is_known_until_it_fails() {
    assertThat(throttle.knows("right")).isFalse();
    throttle.succeeded("right");
    assertThat(throttle.knows("right")).isTrue();
    throttle.failed("a", "right"); // revoked meanwhile
    assertThat(throttle.knows("right")).isFalse();
  }

  @Test
  void only_so_many_tokens_are_remembered() {
    IntStream.rangeClosed(0, LoginThrottle.MOST_TOKENS).forEach(i -> throttle.succeeded("t" + i));
    assertThat(throttle.knows("t0")).isFalse();
    assertThat(throttle.knows("t1")).isTrue();
  }

  @Test
  void only_so_many_addresses_are_remembered() {
    fail("first");
    IntStream.range(0, LoginThrottle.MOST_ADDRESSES).forEach(i -> fail("a" + i));
    assertThat(fail("first")).isEqualTo(100);
    assertThat(fail("a" + (LoginThrottle.MOST_ADDRESSES - 1))).isEqualTo(200);
  }
}
