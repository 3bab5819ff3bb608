package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers to the caller when an operation fails. */
class ApiProcessorTest {
  private final Contract contract = Contract.load(setting -> "12");

  private Message answerTo(Exception failure) {
    Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    exchange.getMessage().setHeader(Exchange.HTTP_METHOD, "GET");
    exchange.getMessage().setHeader(Exchange.HTTP_PATH, "/openapi.json");
    Api.Operation failing =
        call -> {
          throw failure;
        };
    new ApiProcessor(new Api(contract).answer("showContract", failing)).process(exchange);
    return exchange.getMessage();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"08006", "25006", "40001", "40P01", "53100", "53300", "57P01", "57P03", "57014"})
  void what_may_be_over_soon_is_said_so(String state) {
    assertTriedAgain(answerTo(new SQLException("the words of the database", state)));
  }

  @Test
  void a_pool_without_a_free_connection_is_said_so() {
    assertTriedAgain(answerTo(new SQLTransientConnectionException("timed out")));
  }

  private static void assertTriedAgain(Message answer) {
    assertThat(answer.getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(503);
    assertThat(answer.getHeader("Retry-After")).isEqualTo("1");
    assertThat(answer.getHeader(Exchange.CONTENT_TYPE)).isEqualTo("application/problem+json");
    assertThat(answer.getBody(String.class)).doesNotContain("the words");
  }

  @Test
  void a_value_that_the_database_cannot_take_is_a_fault_of_the_request() {
    Message answer = answerTo(new SQLException("the words of the database", "22003"));
    assertThat(answer.getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(400);
    assertThat(answer.getBody(String.class)).doesNotContain("the words");
  }

  @ParameterizedTest
  @ValueSource(strings = {"42601", "23505", "XX000", ""})
  void what_is_wrong_here_is_a_failure_of_the_server(String state) {
    Message answer = answerTo(new SQLException("the words of the database", state));
    assertThat(answer.getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(500);
    assertThat(answer.getBody(String.class)).doesNotContain("the words");
  }
}
