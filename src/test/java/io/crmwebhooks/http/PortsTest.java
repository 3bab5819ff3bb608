package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortsTest {

  @Test
  void holds_single_ports_and_both_ends_of_ranges() {
    EgressRules.Ports ports = EgressRules.Ports.parse("443, 8000-8999");
    assertThat(ports.contains(443)).isTrue();
    assertThat(ports.contains(8000)).isTrue();
    assertThat(ports.contains(8999)).isTrue();
    assertThat(ports.contains(80)).isFalse();
    assertThat(ports.contains(7999)).isFalse();
    assertThat(ports.contains(9000)).isFalse();
    assertThat(ports.contains(-1)).isFalse();
    assertThat(ports.contains(0)).isFalse();
    assertThat(ports.contains(70_000)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "65536", "80,", "90-80", "-80", "80-", "http", "0-80", "999999"})
  void names_an_entry_that_is_no_port(String entry) {
    assertThatThrownBy(() -> EgressRules.Ports.parse(entry))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'");
  }
}
