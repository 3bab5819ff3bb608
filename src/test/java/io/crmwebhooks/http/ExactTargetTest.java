package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An accepted target URL arrives byte for byte; the rest is refused with the reason. */
class ExactTargetTest {
  private static final BlockingQueue<String> HEADS = new LinkedBlockingQueue<>();
  private static final BlockingQueue<String> LOOKED_UP = new LinkedBlockingQueue<>();
  private static ServerSocket receiver;
  private static TestSender sender;

  /** Every name is this receiver's. */
  private static final DnsResolver NAMES =
      new DnsResolver() {
        @Override
        public InetAddress[] resolve(String host) {
          LOOKED_UP.add(host);
          return new InetAddress[] {InetAddress.getLoopbackAddress()};
        }

        @Override
        public String resolveCanonicalHostname(String host) {
          return host;
        }
      };

  @BeforeAll
  static void start() throws IOException {
    receiver = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread serving = new Thread(ExactTargetTest::serve, "raw-receiver");
    serving.setDaemon(true);
    serving.start();
    sender = new TestSender(NAMES);
  }

  @AfterAll
  static void stop() throws IOException {
    sender.close();
    receiver.close();
  }

  private static void serve() {
    try {
      while (true) {
        try (Socket client = receiver.accept()) {
          StringBuilder head = new StringBuilder();
          while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) client.getInputStream().read());
          }
          client.getInputStream().readNBytes(2); // {}
          HEADS.add(head.toString());
          client
              .getOutputStream()
              .write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".getBytes());
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static String[] arrived(String url) throws InterruptedException {
    HEADS.clear();
    LOOKED_UP.clear();
    assertThat(sender.send(url)).isEqualTo("HTTP 204");
    return HEADS.poll(5, TimeUnit.SECONDS).split("\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h.test",
        "H.Test",
        "h",
        "h.test.",
        "my_host",
        "my_host.internal",
        "_h._tcp.test",
        "-h.test",
        "h-.test",
        "1.2.3.4a",
        "4u.example",
        "h.4u",
        "3com.com",
        "a-b.c--d.test",
        "xn--bcher-kva.test",
        "xn--strae-oqa.test",
        "XN--Bcher-KVA.Test",
        "www.xn--bcher-kva.test",
        "xn--a.test",
        "xn--.test",
        "xn---.test",
        "xn--80ak6aa92e.com",
        "xn--n3h.test",
        "127.0.0.1",
        "93.184.216.34",
        "[::1]",
        "[2001:DB8:0:0:0:0:0:1]",
        "[2001:db8::1]",
        "[::ffff:127.0.0.1]",
      })
  void a_host_stands_in_the_Host_header_as_it_is_written(String host) throws Exception {
    String authority = host + ":" + receiver.getLocalPort();
    assertThat(arrived("http://" + authority + "/"))
        .startsWith("POST / HTTP/1.1", "Host: " + authority);
    // HttpClient decodes some names that begin with xn--
    assertThat(HostName.asSent(LOOKED_UP.poll())).isEqualToIgnoringCase(host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "//",
        "///a//b//",
        "//host/a",
        "/a/../b",
        "/../../a",
        "/./a/.",
        "/..",
        "/a/./b/../c?d=/../e",
        "/%2e%2E/a",
        "/a%2Fb",
        "/a%2fb",
        "/a%5Cb",
        "/%00",
        "/%0d%0aX:%20y",
        "/%7E~",
        "/~user/a_b-c.d",
        "/a;v=1;w",
        "/a;",
        "/a+b%20c",
        "/a,b",
        "/a=b&c",
        "/a:b@c",
        "/!$&'()*+,;=:@",
        "/%25",
        "/%25zz",
        "/%C3%BC",
        "/%FF",
        "/*",
        "/a/",
        "/A/a",
        "/?",
        "/a?",
        "/a??",
        "/a?b?c",
        "/a?b=c",
        "/a?b=c&b=d&",
        "/a?&&=",
        "/a?b=[1]",
        "/a?b[0]=1&b[]=2",
        "/a?b=~",
        "/a?b=%7e",
        "/a?b=c+d%20e",
        "/a?b=%2B",
        "/a?b=%00",
        "/a?b=/..//",
        "/a?b=http://x/y?z",
        "/a?b=;c;",
        "/a?b='c'(d)!*",
        "/a?b=%C3%BC%E2%82%AC",
        "/a?b=$%7Bx%7D",
        "/a?sig=abc%2Fdef%3D%3D&sp=%2Fmanual%2Frun",
        "/a?CamelHttpUri=x",
      })
  void path_and_query_stand_in_the_request_line_as_they_are_written(String path) throws Exception {
    String authority = "h.test:" + receiver.getLocalPort();
    assertThat(arrived("http://" + authority + path))
        .startsWith("POST " + path + " HTTP/1.1", "Host: " + authority);
  }

  @Test
  void what_a_url_may_leave_out_is_filled_in() throws Exception {
    String authority = "h.test:" + receiver.getLocalPort();
    assertThat(arrived("HTTP://" + authority)[0]).isEqualTo("POST / HTTP/1.1");
    assertThat(arrived("http://" + authority + "?a=b")[0]).isEqualTo("POST /?a=b HTTP/1.1");
    assertThat(
            List.of("http://h.test:80/", "http://h.test", "https://h.test:443", "HttpS://h.test?a"))
        .extracting(url -> Target.parse(url).authority())
        .containsOnly("h.test");
    assertThat(Target.parse("https://h.test:80/").authority()).isEqualTo("h.test:80");
    assertThat(Target.parse("https://[::1]:443/").authority()).isEqualTo("[::1]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      ignoreLeadingAndTrailingWhitespace = true,
      value = {
        "' http://h.test/' ¦ must not begin or end with a blank",
        "'http://h.test/ ' ¦ must not begin or end with a blank",
        "'http://h.test/\t' ¦ must not begin or end with a blank",
        "'http://h.test/a\nb' ¦ a line break",
        "'ht\rtp://h.test/' ¦ a line break",
        "http:/h.test/ ¦ with a host",
        "http:h.test ¦ with a host",
        "//h.test/ ¦ with a host",
        "http:// ¦ with a host",
        "http://?a ¦ with a host",
        "http:///a ¦ with a host",
        "http://:80/ ¦ '' is not a valid host name",
        "http://h.test\\a ¦ backslash",
        "http:\\\\h.test ¦ with a host",
        "http://h.test/a\\..\\b ¦ backslash",
        "http://h.test/#a ¦ a fragment (#)",
        "http://h.test/a# ¦ a fragment (#)",
        "http://h.test?a#b ¦ a fragment (#)",
        "http://u:hidden@h.test/ ¦ user or password",
        "http://@h.test/ ¦ user or password",
        "http://h.test@127.0.0.1/ ¦ user or password",
        "http://h.test:/ ¦ a number from 1 to 65535",
        "http://h.test:+80/ ¦ a number from 1 to 65535",
        "http://h.test:-1/ ¦ a number from 1 to 65535",
        "http://h.test:080/ ¦ a number from 1 to 65535 without leading zeros",
        "http://h.test:8a/ ¦ a number from 1 to 65535",
        "http://h.test:99999999999/ ¦ a number from 1 to 65535",
        "http://h.test:80:80/ ¦ its host must be a name",
        "http://::1/ ¦ its host must be a name, an IPv4 address or an IPv6 address in brackets",
        "http://2001:db8::1/ ¦ its host must be a name",
        "http://[::1/ ¦ its host must be a name",
        "http://[::1]a/ ¦ its host must be a name",
        "http://[::1%lo]/ ¦ must not have a zone",
        "http://[fe80::1%25eth0]/ ¦ must not have a zone",
        "http://[]/ ¦ must stand an IPv6 address",
        "http://[127.0.0.1]/ ¦ must stand an IPv6 address",
        "http://[h.test]/ ¦ must stand an IPv6 address",
        "http://[v1.a]/ ¦ must stand an IPv6 address",
        "http://[::1::]/ ¦ must stand an IPv6 address",
        "http://[::ffff:127.1]/ ¦ must stand an IPv6 address",
        "http://h..test/ ¦ is not a valid host name",
        "http://.h.test/ ¦ is not a valid host name",
        "http://h.test../ ¦ is not a valid host name",
        "http://./ ¦ is not a valid host name",
        "http://h.1/ ¦ is not a valid host name",
        "http://256.1.1.1/ ¦ is not a valid host name",
        "http://1.2.3.4.5/ ¦ is not a valid host name",
        "http://h,test/ ¦ is not a valid host name",
        "http://h test/ ¦ is not a valid host name",
        "http://h.test;a/ ¦ is not a valid host name",
        "http://{{webhooks.admin.token}}/ ¦ is not a valid host name",
        "http://$%7Bx%7D/ ¦ must not be percent-encoded",
        "http://h%2etest/ ¦ must not be percent-encoded",
        "http://%31%32%37.0.0.1/ ¦ must not be percent-encoded",
        "http://127.1/ ¦ 127.1 is another spelling of 127.0.0.1; write that",
        "http://0177.0.0.1/ ¦ is another spelling of 127.0.0.1",
        "http://127.0.0.01/ ¦ is another spelling of 127.0.0.1",
        "http://0x7f000001/ ¦ is another spelling of 127.0.0.1",
        "http://2130706433/ ¦ is another spelling of 127.0.0.1",
        "http://127.0.0.1./ ¦ is another spelling of 127.0.0.1",
        "http://straße.test/ ¦ its host must be in ASCII; write the xn-- form, as",
        "http://STRASSE.ẞ/ ¦ write the xn-- form, as",
        "http://βόλος.test/ ¦ write the xn-- form, as",
        "http://bücher.test/ ¦ its host must be in ASCII; write xn--bcher-kva.test",
        "http://BÜCHER.Test/ ¦ write xn--bcher-kva.test",
        "http://例え.テスト/ ¦ write xn--r8jz45g.xn--zckzah",
        "http://①②⑦.⓪.⓪.①/ ¦ write the xn-- form, as",
        "http://127。0。0。1/ ¦ write the xn-- form, as",
        "http://ｌｏｃａｌｈｏｓｔ/ ¦ write the xn-- form, as",
        "http://h.test＠127.0.0.1/ ¦ write the xn-- form, as",
        "http://a\u200db.test/ ¦ write the xn-- form, as",
        "http://h.test/a b ¦ character 16 must be percent-encoded: %20",
        "http://h.test/ü ¦ character 15 must be percent-encoded: %C3%BC",
        "http://h.test/?q=ü ¦ character 18 must be percent-encoded: %C3%BC",
        "http://h.test/😀 ¦ character 15 must be percent-encoded: %F0%9F%98%80",
        "http://h.test/a|b ¦ must be percent-encoded: %7C",
        "http://h.test/?a|b ¦ must be percent-encoded: %7C",
        "http://h.test/[1] ¦ must be percent-encoded: %5B",
        "http://h.test/a^b ¦ must be percent-encoded: %5E",
        "http://h.test/a`b ¦ must be percent-encoded: %60",
        "http://h.test/a\"b ¦ must be percent-encoded: %22",
        "http://h.test/?a>b ¦ must be percent-encoded: %3E",
        "http://h.test/?a=<b> ¦ must be percent-encoded: %3C",
        "http://h.test/${x} ¦ must be percent-encoded: %7B",
        "http://h.test/?{{webhooks.admin.token}} ¦ must be percent-encoded: %7B",
        "http://h.test/% ¦ two hexadecimal digits must follow the % at character 15",
        "http://h.test/%4 ¦ two hexadecimal digits must follow",
        "http://h.test/%zz ¦ two hexadecimal digits must follow",
        "http://h.test/?a=100%&b ¦ two hexadecimal digits must follow",
        "http://h.test/%u00fc ¦ two hexadecimal digits must follow",
        "http://h.test/a\u007fb ¦ must be percent-encoded: %7F",
        "http://h.test/a\u00a0b ¦ must be percent-encoded: %C2%A0",
        "http://h.test/\ud83d ¦ is half of one",
      })
  void what_others_could_read_in_another_way_is_refused(String url, String reason) {
    assertThatThrownBy(() -> Target.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("target URL: ")
        .hasMessageContaining(reason)
        .hasMessageNotContaining("hidden");
  }

  @Test
  void a_name_is_as_long_as_names_can_be() {
    String label = "a".repeat(63);
    assertThat(Target.parse("http://" + label + ".test/").host()).hasSize(68);
    assertThatThrownBy(() -> Target.parse("http://a" + label + ".test/"))
        .hasMessageContaining("is not a valid host name");
    assertThatThrownBy(() -> Target.parse("http://" + (label + ".").repeat(4) + "test/"))
        .hasMessageContaining("is not a valid host name");
    assertThat(new String(Target.parse("http://h/").path().getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo("/");
  }
}
