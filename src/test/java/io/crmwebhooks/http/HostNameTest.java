package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNameTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1",
    "127.0.0.1., 127.0.0.1",
    "127.1, 127.0.0.1",
    "127.0.1, 127.0.0.1",
    "0177.0.0.1, 127.0.0.1",
    "017700000001, 127.0.0.1",
    "00000000177.1, 127.0.0.1",
    "0x7f.1, 127.0.0.1",
    "0x7F000001, 127.0.0.1",
    "0x7f.0x0.0x0.0x1, 127.0.0.1",
    "2130706433, 127.0.0.1",
    "0, 0.0.0.0",
    "::1, ::1",
    "[::1], ::1",
    "0:0:0:0:0:0:0:1, ::1",
    "[fe80::1%eth0], fe80::1",
    "[fe80::1%25eth0], fe80::1",
    "::ffff:127.0.0.1, ::ffff:7f00:1",
    "::FFFF:7F00:1, ::ffff:7f00:1",
  })
  void every_spelling_is_the_same_address(String spelling, String address) {
    assertThat(HostName.address(spelling))
        .hasValueSatisfying(found -> assertThat(found).hasToString(address));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.org",
        "localhost",
        "cafe",
        "1.2.3.4.5",
        "256.1.1.1",
        "4294967296",
        "127.0.0.0/8",
        "127.0.0.*",
        "1-2.0.0.1",
        "*",
        "",
        ".",
        "[]",
        "127.0.0.1.example.org"
      })
  void a_name_is_no_address(String name) {
    assertThat(HostName.address(name)).isEmpty();
  }
}
