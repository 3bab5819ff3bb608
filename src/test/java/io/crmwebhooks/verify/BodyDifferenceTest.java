package io.crmwebhooks.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BodyDifferenceTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1,\"b\":[1,2]} | {\"a\":1.0,\"b\":[1,2e0]} | []",
        "{\"a\":{\"b\":\"x\"}} | {\"a\":{\"b\":\"y\"}} | [a.b]",
        "{\"a\":null} | {} | [a]",
        "{} | {\"a\":null} | [a]",
        "{\"a\":null} | {\"a\":\"\"} | [a]",
        "{\"a\":[{\"b\":1}]} | {\"a\":[{\"b\":2}]} | [a[0].b]",
        "{\"a\":[1]} | {\"a\":[1,2]} | [a]",
        "{\"a\":{\"b\":1,\"c\":2}} | {\"a\":{\"c\":2,\"b\":1}} | [a (order)]",
        "{\"x\":0,\"b\":1,\"c\":2} | {\"b\":1,\"c\":2,\"y\":3} | [x, y]",
      })
  void names_the_keys_that_a_receiver_would_see_otherwise(String one, String other, String keys)
      throws JsonProcessingException {
    assertThat(BodyDifference.keys(JSON.readTree(one), JSON.readTree(other)).toString())
        .isEqualTo(keys);
  }
}
