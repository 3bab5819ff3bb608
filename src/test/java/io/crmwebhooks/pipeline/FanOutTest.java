package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FanOutTest {
  private final FanOut fanOut = new FanOut(500);

  @Test
  void batches_are_full_where_a_change_makes_one_delivery_or_none() {
    assertThat(fanOut.batchSize()).isEqualTo(500);
    observe(500, 0);
    assertThat(fanOut.batchSize()).isEqualTo(500);
  }

  @Test
  void batches_shrink_to_about_as_many_deliveries_and_grow_again() {
    observe(500, 5000);
    assertThat(fanOut.batchSize()).isBetween(48, 52);
    observe(500, 500);
    assertThat(fanOut.batchSize()).isBetween(490, 500);
  }

  @Test
  void a_batch_is_never_empty() {
    observe(1, 1_000_000);
    assertThat(fanOut.batchSize()).isEqualTo(1);
  }

  private void observe(int changes, int deliveries) {
    IntStream.range(0, 30).forEach(i -> fanOut.observe(changes, deliveries));
  }
}
