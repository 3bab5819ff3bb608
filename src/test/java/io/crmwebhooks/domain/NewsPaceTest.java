package io.crmwebhooks.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.News.NewsPace;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class NewsPaceTest {
  private final AtomicLong now = new AtomicLong();
  private final NewsPace pace = new NewsPace(Duration.ofMinutes(1), now::get);

  @Test
  void one_of_a_kind_goes_in_an_interval_and_the_next_says_how_many_did_not() {
    assertThat(pace.admit("dead of one")).hasValue(0);
    assertThat(pace.admit("dead of one")).isEmpty();
    assertThat(pace.admit("dead of one")).isEmpty();
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(pace.admit("dead of one")).hasValue(2);
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(pace.admit("dead of one")).hasValue(0);
  }

  @Test
  void kinds_do_not_hold_each_other_up() {
    assertThat(pace.admit("dead of one")).hasValue(0);
    assertThat(pace.admit("dead of another")).hasValue(0);
  }
}
