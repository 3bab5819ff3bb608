package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressKindsTest {

  /** First and last addresses of the blocks. */
  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, unspecified",
    "0.255.255.255, unspecified",
    "10.0.0.0, private",
    "10.255.255.255, private",
    "100.64.0.0, carrier",
    "100.127.255.255, carrier",
    "127.0.0.0, loopback",
    "127.255.255.255, loopback",
    "168.63.129.16, cloud",
    "169.254.169.254, link-local",
    "169.254.255.255, link-local",
    "172.16.0.0, private",
    "172.31.255.255, private",
    "192.0.0.0, protocols",
    "192.0.0.192, protocols",
    "192.0.2.255, documentation",
    "192.88.99.1, 6to4",
    "192.168.0.0, private",
    "192.168.255.255, private",
    "198.18.0.0, benchmarks",
    "198.19.255.255, benchmarks",
    "198.51.100.1, documentation",
    "203.0.113.255, documentation",
    "224.0.0.0, multicast",
    "239.255.255.255, multicast",
    "240.0.0.0, reserved",
    "255.255.255.254, reserved",
    "255.255.255.255, broadcast",
    "::, unspecified",
    "::1, loopback",
    "::2, IPv4",
    "::7f00:1, IPv4",
    "::808:808, IPv4",
    "::ffff:127.0.0.1, loopback",
    "::ffff:10.1.2.3, private",
    "::ffff:0:127.0.0.1, reserved",
    "64:ff9b::127.0.0.1, loopback",
    "64:ff9b::a9fe:a9fe, link-local",
    "64:ff9b:1::1, NAT64",
    "64:ff9c::1, reserved",
    "100::1, discards",
    "100:0:0:1::1, discards",
    "1fff:ffff::1, reserved",
    "2001::1, protocols",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2, protocols",
    "2001:1ff:ffff::1, protocols",
    "2001:db8::1, documentation",
    "2002:7f00:1::1, 6to4",
    "2002:808:808::1, 6to4",
    "3fff:0fff::1, documentation",
    "4000::1, reserved",
    "5f00::1, segment routing",
    "fc00::1, private",
    "fd00:ec2::254, private",
    "fe80::1, link-local",
    "febf::1, link-local",
    "fec0::1, private",
    "ff02::1, multicast",
  })
  void an_address_that_is_not_public_is_named_by_its_kind(String address, String kind) {
    assertThat(AddressKinds.problemOf(HostName.address(address).orElseThrow()))
        .hasValueSatisfying(problem -> assertThat(problem).matches("(an?|the) .*").contains(kind));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2620:4f:8000::1",
        "2a00:1450::1",
        "3ffe::1"
      })
  void a_public_address_has_no_problem(String address) {
    assertThat(AddressKinds.problemOf(HostName.address(address).orElseThrow())).isEmpty();
  }
}
