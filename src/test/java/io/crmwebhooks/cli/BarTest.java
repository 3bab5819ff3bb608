package io.crmwebhooks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class BarTest {
  private final StringWriter terminal = new StringWriter();

  private Console.Bar bar(boolean shown) {
    return new Console.Bar(new PrintWriter(terminal), shown);
  }

  @Test
  void it_is_drawn_over_and_leaves_nothing_behind() {
    try (Console.Bar bar = bar(true)) {
      bar.at(0.5, "a long text");
      bar.at(1, "short");
    }
    String[] drawn = terminal.toString().split("\r");
    assertThat(drawn[1]).isEqualTo("[###############---------------]  50 %  a long text");
    assertThat(drawn[2]).isEqualTo("[##############################] 100 %  short      ");
    assertThat(drawn[3]).isBlank().hasSameSizeAs("[##############################] 100 %  short");
  }

  @Test
  void nothing_is_drawn_where_nobody_looks() {
    try (Console.Bar bar = bar(false)) {
      bar.at(0.5, "half");
    }
    assertThat(terminal.toString()).isEmpty();
  }
}
