package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.http.HostName.AllowList;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.core5.http.HttpHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetUrlTest {
  private static final EgressRules.Ports PORTS = EgressRules.Ports.parse("80,443,1024-65535");

  private final TargetUrl direct = checking("", null);

  private static TargetUrl checking(String allow, EgressProxy proxy) {
    return new TargetUrl(new EgressRules(AllowList.parse(allow), PORTS, proxy));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://93.184.216.34/hook",
        "http://93.184.216.34:8080/hook?key=a%20b",
        "https://[2a00:1450::1]/",
        "HTTPS://93.184.216.34/",
        "https://no-such-host.invalid/hook",
        "http://no-such-host.invalid:65535",
        "http://no_such_host.invalid",
        "https://xn--bcher-kva.invalid:8443/a?b=~"
      })
  void accepts_public_addresses_and_names_that_do_not_resolve(String url) {
    assertThat(direct.check(url)).isEqualTo(url);
  }

  @Test
  void a_route_is_a_target_and_no_URL() {
    assertThat(direct.checkTarget("route:Own-1")).isEqualTo("route:Own-1");
    assertThat(Target.parse("route:Own-1").endpoint()).isEqualTo("route:Own-1");
    assertThat(direct.checkTarget("https://93.184.216.34/")).isEqualTo("https://93.184.216.34/");
    for (String url : List.of("route:Own-1", "ROUTE:Own-1", "route://Own-1", "https://route:Own")) {
      assertThatThrownBy(() -> direct.check(url))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("target URL: ");
    }
    for (String url : List.of("route:", "route:a_b", "route:a/b", "route:a?b", "route:\u00e4")) {
      assertThatThrownBy(() -> direct.checkTarget(url))
          .hasMessage("target URL: behind route: must stand 1 to 100 letters, digits and dashes");
    }
  }

  @Test
  void a_name_server_that_does_not_answer_holds_nobody_up_for_long() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    DnsResolver silent =
        new DnsResolver() {
          @Override
          public InetAddress[] resolve(String host) throws UnknownHostException {
            try {
              answer.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            throw new UnknownHostException(host);
          }

          @Override
          public String resolveCanonicalHostname(String host) {
            return host;
          }
        };
    EgressRules rules = new EgressRules(AllowList.parse(""), PORTS, null);
    TargetUrl checking = new TargetUrl(rules, new EgressResolver(rules, silent));
    ExecutorService callers = Executors.newFixedThreadPool(20);
    try {
      List<Callable<String>> calls =
          Collections.nCopies(20, () -> checking.check("https://silent.test/"));
      long started = System.nanoTime();
      assertThat(callers.invokeAll(calls))
          .allSatisfy(call -> assertThat(call.get()).isEqualTo("https://silent.test/"));
      assertThat(checking.check("https://silent.test/")).isEqualTo("https://silent.test/");
      assertThat(Duration.ofNanos(System.nanoTime() - started))
          .isLessThan(TargetUrl.PATIENCE.multipliedBy(3));
    } finally {
      answer.countDown();
      callers.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ftp://93.184.216.34/ | only http:// and https:// are called, not ftp://",
        "file:///etc/passwd | it must be http:// or https:// with a host",
        "mailto:a@example.org | it must be http:// or https:// with a host",
        "/hook | it must be http:// or https:// with a host",
        "'' | it must be http:// or https:// with a host",
        "http:///hook | it must be http:// or https:// with a host",
        "https://user@93.184.216.34/ | it must not hold a user or password",
        "https://user:hidden@93.184.216.34/ | it must not hold a user or password",
        "https://@93.184.216.34/ | it must not hold a user or password",
        "https://93.184.216.34/#a | it must not hold a fragment",
        "https://93.184.216.34:22/ | port 22 is none of webhooks.egress.ports",
        "https://93.184.216.34:0/ | port 0 is none of webhooks.egress.ports",
        "https://93.184.216.34:99999/ | port 99999 is none of webhooks.egress.ports",
        "https://u:hidden@exa mple.org/ | it must not hold a user or password",
        "https://127.0.0.1/ | 127.0.0.1 is a loopback address",
        "https://10.1.2.3/ | 10.1.2.3 is a private address",
        "http://169.254.169.254/latest | 169.254.169.254 is a link-local address",
        "https://[::1]/ | a loopback address",
        "https://[::ffff:10.0.0.1]/ | a private address",
        "https://[64:ff9b::a00:1]/ | a private address",
        "https://[2002:a00:1::]/ | a 6to4 address",
        "https://[fe80::1]/ | a link-local address",
        "https://0177.0.0.1/ | 0177.0.0.1 is another spelling of 127.0.0.1",
        "https://localhost:3000/ | a loopback address",
        "https://LOCALHOST./ | a loopback address",
        "https://127.0.0.1./ | 127.0.0.1. is another spelling of 127.0.0.1",
        "https://0x7f.1/ | 0x7f.1 is another spelling of 127.0.0.1",
        "https://2130706433:8080/ | 2130706433 is another spelling of 127.0.0.1",
        "https://127.1/ | 127.1 is another spelling of 127.0.0.1",
        "https://bücher.example/ | its host must be in ASCII; write xn--bcher-kva.example",
      })
  void refuses_with_the_reason(String url, String reason) {
    assertThatThrownBy(() -> direct.check(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("target URL: ")
        .hasMessageContaining(reason)
        .hasMessageNotContaining("hidden");
  }

  @Test
  void what_the_list_allows_is_accepted() {
    assertThat(checking("10.0.0.0/8", null).check("http://10.1.2.3/")).isNotEmpty();
    assertThat(checking("localhost", null).check("http://localhost:3000/")).isNotEmpty();
    assertThat(checking("127.0.0.1", null).check("http://localhost:3000/")).isNotEmpty();
  }

  @Test
  void with_a_proxy_names_are_not_looked_up_but_literals_and_localhost_are_checked() {
    HttpHost host = new HttpHost("http", "proxy.internal", 3128);
    TargetUrl proxied = checking("", new EgressProxy(host, "", "", AllowList.parse("localhost")));
    assertThat(proxied.check("http://no-such-host.invalid/")).isNotEmpty();
    assertThatThrownBy(() -> proxied.check("http://10.0.0.1/")).hasMessageContaining("private");
    assertThatThrownBy(() -> proxied.check("http://a.localhost/")).hasMessageContaining("loopback");
    assertThatThrownBy(() -> proxied.check("http://localhost/")).hasMessageContaining("loopback");
  }
}
