package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTokenTest {
  private static final long DEADLINE = TimeUnit.SECONDS.toNanos(20);

  private final AtomicLong now = new AtomicLong(-TimeUnit.HOURS.toNanos(1)); // any long is a time
  private final AccessToken token = new AccessToken(null, now::get);
  private final AtomicInteger fetches = new AtomicInteger();

  private AccessToken.Held fetch(long seconds) {
    return AccessToken.Held.of("t" + fetches.incrementAndGet(), now.get(), seconds);
  }

  private String get(long seconds) throws TokenServerException {
    return token.get(DEADLINE, nanos -> fetch(seconds)).value();
  }

  private String getFailing() throws TokenServerException {
    return token
        .get(
            DEADLINE,
            nanos -> {
              fetches.incrementAndGet();
              throw new TokenServerException("HTTP 500");
            })
        .value();
  }

  private void pass(long seconds) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  @ParameterizedTest
  @CsvSource({
    "3600, 3540", // a minute before its end
    "100, 80", // a fifth of a short life before
    "0, 240", // of which its server says nothing
    "-5, 240",
    "999999999999, 86340" // a day at most
  })
  void a_token_is_kept_until_shortly_before_its_end(long seconds, long kept) throws Exception {
    assertThat(get(seconds)).isEqualTo("t1");
    pass(kept - 1);
    assertThat(get(seconds)).isEqualTo("t1");
    pass(1);
    assertThat(get(seconds)).isEqualTo("t2");
  }

  @Test
  void before_its_end_a_failing_server_does_no_harm_and_is_asked_once_a_second() throws Exception {
    assertThat(get(100)).isEqualTo("t1");
    pass(85);
    assertThat(getFailing()).isEqualTo("t1");
    assertThat(getFailing()).isEqualTo("t1");
    assertThat(fetches).hasValue(2);
    pass(1);
    assertThat(getFailing()).isEqualTo("t1");
    assertThat(fetches).hasValue(3);
    pass(14);
    assertThatThrownBy(this::getFailing).hasMessage("token server: HTTP 500");
  }

  @Test
  void after_a_failure_no_attempt_asks_for_a_second() throws Exception {
    assertThatThrownBy(this::getFailing).hasMessage("token server: HTTP 500");
    assertThatThrownBy(() -> get(100)).hasMessage("token server: HTTP 500");
    assertThat(fetches).hasValue(1);
    assertThat(token.isIdle()).as("the pause would be lost").isFalse();
    pass(1);
    assertThat(token.isIdle()).isTrue();
    assertThat(get(100)).isEqualTo("t2");
  }

  @Test
  void a_refused_token_is_dropped_unless_another_one_has_taken_its_place() throws Exception {
    AccessToken.Held first = token.get(DEADLINE, nanos -> fetch(100));
    token.drop(first);
    assertThat(get(100)).isEqualTo("t2");
    token.drop(first);
    assertThat(get(100)).isEqualTo("t2");
  }

  @Test
  void one_attempt_fetches_while_the_others_wait() throws Exception {
    List<Thread> all = new CopyOnWriteArrayList<>();
    List<String> got = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(
          new Thread(
              () -> {
                try {
                  got.add(token.get(DEADLINE, nanos -> fetchWhenWaiting(all)).value());
                } catch (TokenServerException e) {
                  got.add(e.getMessage());
                }
              }));
    }
    all.forEach(Thread::start);
    for (Thread one : all) {
      one.join(20_000);
    }
    assertThat(got).hasSize(8).containsOnly("t1");
    assertThat(fetches).hasValue(1);
  }

  /** When all threads but the one that fetches wait for it. */
  private AccessToken.Held fetchWhenWaiting(List<Thread> all) {
    Awaitility.await()
        .until(
            () ->
                all.stream().filter(one -> one.getState() == Thread.State.TIMED_WAITING).count()
                    >= all.size() - 1);
    return fetch(100);
  }

  @Test
  void a_failure_counts_for_all_who_waited_for_it() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    atOnce(
        8,
        () -> {
          assertThatThrownBy(
                  () ->
                      token.get(
                          DEADLINE,
                          nanos -> {
                            await(open);
                            return failed();
                          }))
              .hasMessage("token server: HTTP 500");
          return null;
        },
        open);
    assertThat(fetches).hasValue(1);
  }

  private AccessToken.Held failed() throws TokenServerException {
    fetches.incrementAndGet();
    throw new TokenServerException("HTTP 500");
  }

  @Test
  void who_has_no_time_left_does_not_wait_and_before_the_end_of_a_token_nobody_does()
      throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<AccessToken.Held> first =
          thread.submit(
              () ->
                  token.get(
                      DEADLINE,
                      nanos -> {
                        begun.countDown();
                        await(open);
                        return fetch(100);
                      }));
      await(begun);
      assertThatThrownBy(() -> token.get(1_000_000, nanos -> fetch(100)))
          .hasMessageStartingWith("token server: no token in time");
      open.countDown();
      assertThat(first.get().value()).isEqualTo("t1");

      pass(85);
      CountDownLatch again = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Future<AccessToken.Held> second =
          thread.submit(
              () ->
                  token.get(
                      DEADLINE,
                      nanos -> {
                        again.countDown();
                        await(end);
                        return fetch(100);
                      }));
      await(again);
      assertThat(get(100)).isEqualTo("t1");
      end.countDown();
      assertThat(second.get().value()).isEqualTo("t2");
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void a_fetch_gets_the_time_that_is_left_and_nothing_is_lost_with_a_token_that_is_over()
      throws Exception {
    assertThat(token.isIdle()).isTrue();
    List<Long> left = new ArrayList<>();
    token.get(
        DEADLINE,
        nanos -> {
          left.add(nanos);
          return fetch(100);
        });
    assertThat(left).containsExactly(DEADLINE);
    assertThat(token.isIdle()).isFalse();
    pass(100);
    assertThat(token.isIdle()).isTrue();
  }

  private interface Work {
    Object run() throws Exception;
  }

  /** Opens the latch when all but one can only be waiting. */
  private static void atOnce(int times, Work work, CountDownLatch open) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(times);
    CountDownLatch begun = new CountDownLatch(times);
    try {
      List<Future<Object>> all = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        all.add(
            threads.submit(
                () -> {
                  begun.countDown();
                  return work.run();
                }));
      }
      await(begun);
      open.countDown();
      for (Future<Object> one : all) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
