package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SlotsTest {
  @Test
  void a_workspace_gets_half_of_them() {
    Slots slots = new Slots(4);
    slots.take("a").orElseThrow();
    slots.take("a").orElseThrow();
    assertThat(slots.take("a")).isEmpty();
    assertThat(slots.take("b")).isPresent();
    assertThat(slots.take(null)).isPresent();
    assertThat(slots.take(null)).isEmpty();
  }

  @Test
  void who_waits_gets_the_one_that_is_given_back() throws Exception {
    Slots slots = new Slots(1);
    Runnable held = slots.take("a").orElseThrow();
    assertThat(slots.take("b", Duration.ofMillis(1))).isEmpty();
    FutureTask<Optional<Runnable>> other =
        new FutureTask<>(() -> slots.take("b", Duration.ofHours(1)));
    Thread waiting = new Thread(other);
    waiting.start();
    await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    held.run();
    assertThat(other.get(10, TimeUnit.SECONDS)).isPresent();
  }
}
