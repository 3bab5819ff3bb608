package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class MissingChangesTest {
  private static ObjectNode row(long... ids) {
    ObjectNode row = Json.object();
    for (long id : ids) {
      row.withArray("ids").add(id);
    }
    return row;
  }

  @Test
  void a_change_is_a_bit_of_its_block() {
    MissingChanges missing = new MissingChanges();
    missing.add(row(1, 8));
    missing.add(row(8192));
    missing.add(Json.object());
    JsonNode blocks = missing.blocks();
    assertThat(blocks).hasSize(2);
    assertThat(blocks.at("/0/bits").asText()).startsWith("\\x0201").hasSize(2 + 2048);
    assertThat(blocks.at("/1/block").asLong()).isEqualTo(1);
    assertThat(blocks.at("/1/bits").asText()).startsWith("\\x0100");
  }

  @Test
  void more_than_can_be_kept_is_refused_with_a_way_out() {
    MissingChanges missing = new MissingChanges(1);
    missing.add(row(1));
    assertThatThrownBy(() -> missing.add(row(9000)))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.status()).isEqualTo(400))
        .hasMessageContaining("until must be earlier");
  }

  @Test
  void what_it_keeps_and_sends_takes_little_memory() {
    MissingChanges missing = new MissingChanges();
    assertThatThrownBy(
            () -> {
              for (long block = 0; block < 8000; block++) {
                missing.add(row(block << 13));
              }
            })
        .isInstanceOf(Problem.class)
        .hasMessageContaining("8,192,000 others");
    // Bits, their digits, the JSON in two-byte characters and in one-byte ones, and its bytes.
    assertThat(7L * missing.blocks().toString().length()).isLessThan(16 << 20);
  }
}
