package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.http.HostName.AllowList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowListTest {

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.4, false",
    "10.1.2.0/24, 10.1.2.255, true",
    "10.1.2.0/24, 10.1.3.0, false",
    "10.1.2.3/24, 10.1.2.255, true",
    "0.0.0.0/0, 127.0.0.1, true",
    "0.0.0.0/0, ::1, false",
    "fd00::/8, fdff::1, true",
    "::1, ::1, true",
    "[::1], ::1, true",
    "'192.168.0.0/16, ,10.0.0.0/8,', 10.9.9.9, true",
    "127.0.0.1, ::7f00:1, false",
    "'', 127.0.0.1, false",
  })
  void holds_the_addresses_of_its_blocks(String list, String address, boolean held) {
    assertThat(AllowList.parse(list).holds(HostName.address(address).orElseThrow()))
        .isEqualTo(held);
  }

  @Test
  void names_hosts_whatever_their_case_and_trailing_dot() {
    AllowList list = AllowList.parse("Receiver.Internal, my_service, bücher.example, x1");
    assertThat(list.names("receiver.internal")).isTrue();
    assertThat(list.names("RECEIVER.INTERNAL.")).isTrue();
    assertThat(list.names("my_service")).isTrue();
    assertThat(list.names("xn--bcher-kva.example")).isTrue();
    assertThat(list.names("x1")).isTrue();
    assertThat(list.names("a.receiver.internal")).isFalse();
    assertThat(list.names("internal")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/33",
        "10.0.0",
        "10.0.0.256",
        "0177.0.0.1.1",
        "010.0.0.1",
        "straße.example",
        "2130706433",
        "10.0.0.5:8080",
        "http://receiver",
        "*",
        "*.internal",
        "10.0.0.*",
        "10.0.0.1-5",
        "fe80::1%eth0",
        "[::1",
        "a b",
        "a..b",
        "::/129",
        "/8",
        "-"
      })
  void names_an_entry_that_is_none(String entry) {
    assertThatThrownBy(() -> AllowList.parse("10.0.0.0/8," + entry + ",receiver"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + entry + "'");
  }
}
