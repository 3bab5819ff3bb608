package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Request;
import io.crmwebhooks.domain.Webhook;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DetoursTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LEASE = Duration.ofSeconds(60);

  private final Webhook webhook = TestWebhook.to("https://example.org/").build();
  private final Detours detours =
      new Detours(
          new PauseRule(
              3, SECOND, Duration.ofSeconds(3), Duration.ofDays(1), RetrySchedule.Jitter.NONE));
  private Instant now = Instant.EPOCH;

  private Delivery to(String endpoint) {
    return Delivery.first(Changes.of("person.created", "{}"), webhook, new byte[0])
        .as(
            new Delivery.Content(
                new byte[0], new Request(endpoint + "/", endpoint, null, Map.of())));
  }

  private boolean admits(Delivery delivery) {
    return detours.admit(delivery, now, LEASE);
  }

  @Test
  void an_endpoint_that_keeps_failing_is_left_alone_and_then_tried_by_one_at_a_time() {
    Delivery bad = to("https://bad.example:443");
    for (int i = 0; i < 3; i++) {
      assertThat(admits(bad)).isTrue();
      detours.failed(bad, now, 500, Duration.ZERO);
    }
    assertThat(admits(bad)).isFalse();
    assertThat(admits(to("https://good.example:443"))).isTrue();
    now = now.plus(SECOND);
    assertThat(admits(bad)).isTrue();
    assertThat(admits(bad)).as("while the first one is tried").isFalse();
    detours.failed(bad, now, 500, Duration.ZERO);
    now = now.plus(SECOND);
    assertThat(admits(bad)).as("the second pause is longer").isFalse();
    now = now.plus(SECOND);
    assertThat(admits(bad)).isTrue();
    detours.succeeded(bad);
    assertThat(admits(bad)).isTrue();
    assertThat(admits(bad)).isTrue();
  }

  @Test
  void a_failure_that_was_on_its_way_when_the_pause_began_prolongs_nothing() {
    Delivery bad = to("https://bad.example:443");
    for (int i = 0; i < 9; i++) {
      detours.failed(bad, now, null, Duration.ZERO);
    }
    now = now.plus(SECOND);
    assertThat(detours.isPaused(bad, now)).isFalse();
  }

  @Test
  void the_least_used_of_more_than_a_thousand_are_forgotten() {
    Delivery first = to("https://first.example:443");
    detours.failed(first, now, 429, LEASE);
    assertThat(detours.isPaused(first, now)).isTrue();
    for (int i = 0; i < 1000; i++) {
      detours.failed(to("https://h" + i + ".example:443"), now, 500, Duration.ZERO);
    }
    assertThat(detours.isPaused(first, now)).isFalse();
  }
}
