package io.crmwebhooks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.pipeline.RefusedRecord.Refusal;
import java.io.IOException;
import java.sql.SQLException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class RefusalTest {
  @ParameterizedTest
  @ValueSource(strings = {"22003", "23514", "44000", "54000", "P0001"})
  void what_would_fail_again_for_ever_is_a_refusal(String state) {
    assertThat(Refusal.isOne(new SQLException("no", state))).isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "08006", "40P01", "42501", "42P01", "53100", "53200", "57P01", "57014", "XX000", "2"
      })
  void what_may_be_over_the_next_time_is_none(String state) {
    assertThat(Refusal.isOne(new SQLException("no", state))).isFalse();
    assertThat(Refusal.isOne(new IOException())).isFalse();
    assertThat(Refusal.isOne(null)).isFalse();
  }

  @Test
  void the_reason_does_not_repeat_the_row() {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    exchange.setProperty(
        Exchange.EXCEPTION_CAUGHT,
        new PSQLException(
            new ServerErrorMessage(
                "SERROR\0C23514\0Mviolates check constraint \"c\"\0DFailing row contains (Ann)\0")));
    assertThat(Refusal.reason(exchange))
        .isEqualTo("could not be recorded: violates check constraint \"c\"");
  }
}
