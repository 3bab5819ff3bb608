package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.clock.Clock;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
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

  private Exchange begun(long age, long... changes) {
    Exchange exchange = aged(age);
    exchange.getMessage().setBody(Arrays.stream(changes).mapToObj(RoundsTest::row).toList());
    rounds.begin(exchange);
    return exchange;
  }

  private static Map<String, Object> row(long change) {
    Map<String, Object> row = new HashMap<>();
    row.put("change_id", change);
    row.put("epoch", 1L);
    row.put("event", "person.created");
    row.put("workspace", "");
    row.put("record_id", "r1");
    row.put("record", "{}");
    row.put("bytes", 2L);
    row.put("occurred_at", "2026-01-01T00:00:00Z");
    return row;
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
