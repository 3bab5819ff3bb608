package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.http.HostName.AllowList;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.core5.http.HttpHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressResolverTest {
  private static final String NAME = "receiver.example";

  /** Answers of a name, one a look-up. */
  private final Map<String, Deque<String[]>> names = new HashMap<>();

  private final DnsResolver dns =
      new DnsResolver() {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
          Deque<String[]> answers = names.get(host);
          if (answers == null || answers.isEmpty()) {
            throw new UnknownHostException(host);
          }
          List<InetAddress> addresses = new java.util.ArrayList<>();
          for (String address : answers.poll()) {
            addresses.add(InetAddress.getByName(address));
          }
          return addresses.toArray(InetAddress[]::new);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
          return host;
        }
      };

  private void answer(String name, String... addresses) {
    names.computeIfAbsent(name, n -> new ArrayDeque<>()).add(addresses);
  }

  private EgressResolver resolver(String allow) {
    return new EgressResolver(
        new EgressRules(AllowList.parse(allow), EgressRules.Ports.parse("80"), null), dns);
  }

  @Test
  void a_name_that_turns_to_an_internal_address_is_blocked_at_the_next_connection()
      throws Exception {
    answer(NAME, "93.184.216.34");
    answer(NAME, "127.0.0.1");
    EgressResolver resolver = resolver("");
    assertThat(resolver.resolve(NAME)).extracting(InetAddress::getHostAddress).hasSize(1);
    assertThatThrownBy(() -> resolver.resolve(NAME))
        .isInstanceOf(EgressResolver.BlockedException.class)
        .hasMessage(
            "receiver.example is 127.0.0.1, a loopback address, and webhooks.egress.allow does not list it");
  }

  @Test
  void only_the_public_ones_of_several_addresses_are_connected_to() throws Exception {
    answer(NAME, "10.0.0.1", "93.184.216.34", "fd00::1", "2a00:1450::1", "169.254.169.254");
    assertThat(resolver("").resolve(NAME))
        .extracting(InetAddress::getHostAddress)
        .containsExactly("93.184.216.34", "2a00:1450:0:0:0:0:0:1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.1",
        "0177.0.0.1",
        "0x7f000001",
        "2130706433",
        "127.0.0.1.",
        "[::1]",
        "::1",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[fe80::1%25lo]",
        "[fe80::1%lo]",
        "169.254.169.254",
        "100.100.100.200"
      })
  void a_literal_is_blocked_in_every_spelling_and_never_looked_up(String host) {
    answer(host, "93.184.216.34");
    assertThatThrownBy(() -> resolver("").resolve(host))
        .isInstanceOf(EgressResolver.BlockedException.class)
        .hasMessageEndingWith("and webhooks.egress.allow does not list it");
  }

  @ParameterizedTest
  @CsvSource({"0x08080808, 8.8.8.8", "010.8.8.8, 8.8.8.8", "[2a00:1450::1], 2a00:1450:0:0:0:0:0:1"})
  void a_public_literal_is_the_same_address_in_every_spelling(String host, String address)
      throws Exception {
    assertThat(resolver("").resolve(host))
        .extracting(InetAddress::getHostAddress)
        .containsExactly(address);
  }

  @Test
  void what_the_list_allows_is_connected_to_and_nothing_beside_it() throws Exception {
    answer(NAME, "10.1.2.3", "10.9.9.9");
    answer("by.name", "10.9.9.9", "127.0.0.1");
    assertThat(resolver("10.1.2.0/24").resolve(NAME))
        .extracting(InetAddress::getHostAddress)
        .containsExactly("10.1.2.3");
    assertThat(resolver("by.name").resolve("by.name")).hasSize(2);
  }

  @Test
  void a_name_that_does_not_exist_is_unknown_and_not_blocked() {
    assertThatThrownBy(() -> resolver("").resolve(NAME))
        .isExactlyInstanceOf(UnknownHostException.class);
  }

  @Test
  void the_proxy_may_be_internal_but_nothing_else() throws Exception {
    answer("proxy.internal", "10.0.0.7");
    answer(NAME, "10.0.0.7");
    EgressProxy proxy =
        new EgressProxy(new HttpHost("http", "proxy.internal", 3128), "", "", AllowList.parse(""));
    EgressResolver resolver =
        new EgressResolver(
            new EgressRules(AllowList.parse(""), EgressRules.Ports.parse("80"), proxy), dns);
    assertThat(resolver.resolve("proxy.internal")).hasSize(1);
    assertThatThrownBy(() -> resolver.resolve(NAME))
        .isInstanceOf(EgressResolver.BlockedException.class);
  }
}
