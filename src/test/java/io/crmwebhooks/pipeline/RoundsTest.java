package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.crmwebhooks.domain.News;
import io.crmwebhooks.pipeline.Claims.Claim;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.clock.Clock;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private final Rounds rounds = new Rounds(null, null, null, () -> true, () -> true);

  @Test
  void another_round_comes_while_changes_are_left_and_the_last_look_is_of_late() {
    assertThat(Rounds.isNext(begun(4999, 7, 8))).isTrue();
    Exchange old = begun(5000, 7, 8);
    assertThat(Rounds.isNext(old)).as("the other processes wait for the next look").isFalse();
    assertThat(Rounds.leftIds(old)).containsExactlyInAnyOrder(7L, 8L);
  }

  @Test
  void no_round_comes_when_nothing_is_left() {
    assertThat(Rounds.isNext(begun(0))).isFalse();
  }

  @Test
  void a_change_that_is_in_the_log_twice_is_one() {
    assertThat(Rounds.leftIds(begun(0, 7, 7))).containsExactly(7L);
  }

  @Test
  void a_batch_is_still_this_process_s_own_when_it_first_asks_for_that() throws Exception {
    Duration lease = Duration.ofSeconds(3);
    Claim claim = new Claim(0, lease, lease.dividedBy(2)); // the oldest with which a batch begins
    Batch batch = new Batch(List.of(), claim, Batch.Hold.LOG, News.UNTOLD);
    AtomicBoolean held = new AtomicBoolean();
    Exchange exchange = begun(0);
    Carried.BATCH.put(exchange, batch);
    Carried.LOG.put(
        exchange,
        new ChangeLog() {
          @Override
          public Duration lease() {
            return lease;
          }

          @Override
          public long ownSince() {
            return System.nanoTime();
          }

          @Override
          public boolean confirm() {
            held.set(claim.isHeld());
            batch.recorded();
            return true;
          }
        });
    rounds.await(exchange);
    assertThat(held).isTrue();
  }

  @Test
  void a_batch_whose_lease_has_ended_waits_until_it_is_known_whose_it_is() throws Exception {
    assertThat(written(Claim::renewed)).isNull();
    assertThat(written(Claim::lost)).hasMessageContaining("no longer this process's own");
  }

  /** Has a batch written whose lease has ended; the answer comes when that waits for it. */
  private static Throwable written(Consumer<Claim> answer) throws Exception {
    Claim claim = new Claim(0, Duration.ofMinutes(1), Duration.ofMinutes(2));
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    Carried.BATCH.put(exchange, new Batch(List.of(), claim, Batch.Hold.LOG, News.UNTOLD));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread writer =
        new Thread(() -> failure.set(catchThrowable(() -> Rounds.requireClaim(exchange))));
    writer.start();
    Awaitility.await().until(() -> writer.getState() == Thread.State.TIMED_WAITING);
    claim.ask();
    answer.accept(claim);
    writer.join();
    return failure.get();
  }

  @Test
  void a_lane_that_settles_the_batch_may_do_so_after_the_rest_of_the_work_has_ended()
      throws Exception {
    Batch settled = settledByLane();
    work(settled);
    assertThat(settled.settlement().result()).isNotDone();
    settled.recorded();
    assertThat(settled.settlement().result()).isCompletedWithValue(Set.of());

    Batch failed = settledByLane();
    work(failed);
    failed.settlement().giveUp(null);
    assertThat(failed.settlement().result()).isCompletedExceptionally();

    Batch unsettled = new Batch(List.of(), claim(), Batch.Hold.LOG, News.UNTOLD);
    work(unsettled);
    assertThat(unsettled.settlement().result()).isCompletedExceptionally();
  }

  @Test
  void a_lane_that_fails_to_settle_the_batch_says_so_when_it_ends() throws Exception {
    Batch batch = new Batch(List.of(), claim(), Batch.Hold.LOG, News.UNTOLD);
    batch.sendFor(Duration.ofMinutes(1));
    batch.settlement().plan(1, 1);
    LanePlan lanes = new LanePlan(null, 1, 1, 1, Duration.ofMinutes(1));
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      context.addRoutes(
          new RouteBuilder() {
            @Override
            public void configure() {
              errorHandler(noErrorHandler());
              from("direct:lanes")
                  .split(body())
                  .parallelProcessing()
                  .process(lanes::end)
                  .throwException(new IllegalStateException("the database is away"));
            }
          });
      context.start();
      Exchange exchange = new DefaultExchange(context);
      Carried.BATCH.put(exchange, batch);
      Carried.SLOT.put(exchange, slot());
      exchange.getMessage().setBody(List.of(new LanePlan.Lane(List.of(), true)));
      context.createProducerTemplate().send("direct:lanes", exchange);
    }
    assertThat(batch.settlement().result())
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withMessageContaining("the batch was not settled: the database is away");
  }

  private static Claims.Slot slot() throws InterruptedException {
    Duration any = Duration.ofMinutes(1);
    return new Claims(1, any, any, any, () -> {}).takeSlot();
  }

  private static Batch settledByLane() {
    Batch batch = new Batch(List.of(), claim(), Batch.Hold.LOG, News.UNTOLD);
    batch.sendFor(Duration.ofMinutes(1));
    batch.settlement().plan(1, 1);
    batch.settlement().endLane(true);
    assertThat(batch.settlement().turn()).isEqualTo(Settlement.Turn.SETTLED);
    return batch;
  }

  private static Claim claim() {
    return new Claim(0, Duration.ofDays(1), Duration.ZERO);
  }

  /** Begins the work on it and ends that. */
  private void work(Batch batch) throws Exception {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    Carried.BATCH.put(exchange, batch);
    Carried.SLOT.put(exchange, slot());
    rounds.work(exchange);
    exchange
        .getExchangeExtension()
        .handoverCompletions()
        .forEach(each -> each.onComplete(exchange));
  }

  private Exchange begun(long age, long... changes) {
    Exchange exchange = aged(age);
    exchange.getMessage().setBody(Arrays.stream(changes).mapToObj(Changes::row).toList());
    rounds.begin(exchange);
    return exchange;
  }

  /** An exchange that is as old as it says. */
  private static Exchange aged(long millis) {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    Clock clock =
        new Clock() {
          @Override
          public long elapsed() {
            return millis;
          }

          @Override
          public long getCreated() {
            return 0;
          }
        };
    return (Exchange)
        Proxy.newProxyInstance(
            RoundsTest.class.getClassLoader(),
            new Class<?>[] {Exchange.class},
            (proxy, method, arguments) ->
                method.getName().equals("getClock") ? clock : method.invoke(exchange, arguments));
  }
}
