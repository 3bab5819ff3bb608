package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much of the HTTP server whoever reaches its port can hold, byte by byte. */
class HttpBoundsTest {
  private static final int CONNECTIONS = 16;
  private static final Duration TIMEOUT = Duration.ofMillis(1500);
  private static final String HEALTH = "GET /observe/health/live HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final String LARGE =
      "GET /console/vendor/chart.umd.min.js HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final String POST =
      "POST /rest/webhooks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
          + "Authorization: Bearer "
          + PipelineFixture.TOKEN
          + "\r\n";

  /** Longer than any bound here, on a busy machine too. */
  private static final Duration LONG = Duration.ofSeconds(15);

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");

  private static PipelineFixture pipeline;
  private static InetSocketAddress server;

  @BeforeAll
  static void start() {
    pipeline =
        new PipelineFixture(
                "webhooks.http.connections",
                Integer.toString(CONNECTIONS),
                "webhooks.http.timeout",
                TIMEOUT.toMillis() + "ms",
                "webhooks.api.concurrency",
                "1")
            .start();
    server = new InetSocketAddress("127.0.0.1", URI.create(pipeline.url()).getPort());
  }

  @AfterAll
  static void stop() {
    pipeline.close();
  }

  /** A connection of which each byte is the test's own. */
  private static final class Client implements AutoCloseable {
    private final Socket socket = new Socket();
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();

    Client(String... parts) throws IOException {
      socket.setReceiveBufferSize(32_768);
      socket.connect(server, 5000);
      for (String part : parts) {
        send(part);
      }
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /** Whether the server ends the connection within the time. */
    boolean ends(Duration within) {
      long until = System.nanoTime() + within.toNanos();
      byte[] buffer = new byte[8192];
      try {
        while (System.nanoTime() < until) {
          socket.setSoTimeout((int) Math.max(1, (until - System.nanoTime()) / 1_000_000));
          int count = socket.getInputStream().read(buffer);
          if (count < 0) {
            return true;
          }
          read.write(buffer, 0, count);
        }
      } catch (SocketTimeoutException e) {
        return false;
      } catch (IOException e) {
        return true;
      }
      return false;
    }

    /** The statuses of all that has been answered so far. */
    List<String> statuses() {
      return STATUS
          .matcher(read.toString(ISO_8859_1))
          .results()
          .map(found -> found.group(1))
          .toList();
    }

    /** The statuses of so many answers, or of those that come before the connection ends. */
    List<String> statuses(int count) {
      long until = System.nanoTime() + LONG.toNanos();
      while (statuses().size() < count && System.nanoTime() < until) {
        if (ends(Duration.ofMillis(20))) {
          break;
        }
      }
      return statuses();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static void closeAll(List<Client> clients) throws IOException {
    for (Client client : clients) {
      client.close();
    }
  }

  private static void assertRefusedAndEnded(String request, String status) throws IOException {
    try (Client client = new Client(request)) {
      assertThat(client.ends(LONG)).as("the connection ends").isTrue();
      assertThat(client.statuses()).containsExactly(status);
    }
  }

  private static boolean isLive() throws IOException {
    try (Client client = new Client(HEALTH)) {
      return client.statuses(1).equals(List.of("200"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /",
        "GET /console/main.js",
        "GET /openapi.json",
        "GET /observe/health",
        "GET /observe/metrics",
        "POST /",
        "POST /nothing"
      })
  void a_body_that_nothing_asks_for_is_refused_unread(String line) throws IOException {
    String head = line + " HTTP/1.1\r\nHost: x\r\n";
    assertRefusedAndEnded(head + "Content-Length: 1000000\r\n\r\n", "400");
    assertRefusedAndEnded(head + "Transfer-Encoding: chunked\r\n\r\n", "400");
  }

  @Test
  void who_calls_is_known_before_a_body_is_read() throws IOException {
    String body = "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n";
    String head = "POST /rest/webhooks HTTP/1.1\r\nHost: x\r\n";
    assertRefusedAndEnded(head + body, "401");
    assertRefusedAndEnded(head + "Authorization: Bearer wrong\r\n" + body, "401");
    assertRefusedAndEnded(POST.replace("POST", "DELETE") + body, "405");
    assertRefusedAndEnded(POST.replace("POST", "GET") + body, "400");
    assertRefusedAndEnded(POST + "Content-Length: 9000000\r\n\r\n", "413");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\nX: "})
  void a_head_that_does_not_come_ends_the_connection(String begun) throws Exception {
    try (Client client = new Client(begun)) {
      long started = System.nanoTime();
      while (!client.ends(Duration.ofMillis(50)) && System.nanoTime() - started < LONG.toNanos()) {
        try {
          client.send(begun.isEmpty() ? "" : "x"); // each byte is a sign of life, and not enough
        } catch (IOException e) {
          break;
        }
      }
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(LONG);
    }
  }

  @Test
  void a_body_that_does_not_come_takes_no_place_and_ends_the_connection() throws IOException {
    try (Client client = new Client(POST + "Content-Length: 9\r\n\r\n{")) {
      assertThat(pipeline.api().get("/rest/webhooks").status()).isEqualTo(200);
      assertThat(client.ends(LONG)).isTrue();
      assertThat(client.statuses()).isEmpty();
    }
  }

  @Test
  void bodies_being_sent_at_once_are_bounded() throws IOException {
    List<Client> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        clients.add(new Client(POST + "Content-Length: 9\r\n\r\n{"));
      }
      assertThat(clients).anyMatch(client -> client.statuses(1).equals(List.of("503")));
    } finally {
      closeAll(clients);
    }
    soon().until(() -> pipeline.api().get("/rest/webhooks").status() == 200);
  }

  @Test
  void scrapes_of_metrics_at_once_are_bounded() {
    String scrape = "GET /observe/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    soon()
        .until(
            () -> {
              List<Client> clients = new ArrayList<>();
              try {
                for (int i = 0; i < CONNECTIONS - 2; i++) {
                  clients.add(new Client(scrape));
                }
                List<String> statuses =
                    clients.stream().flatMap(client -> client.statuses(1).stream()).toList();
                return statuses.contains("503") && statuses.contains("200");
              } finally {
                closeAll(clients);
              }
            });
  }

  @Test
  void a_connection_kept_alive_ends_when_it_is_idle() throws IOException {
    try (Client client = new Client(HEALTH)) {
      assertThat(client.statuses(1)).containsExactly("200");
      assertThat(client.ends(LONG)).isTrue();
    }
  }

  @Test
  void answers_that_nobody_reads_are_not_made_and_end_the_connection() throws Exception {
    try (Client client = new Client(LARGE.repeat(10))) {
      // Only what the operating system takes at once is here when the rest is given up.
      Thread.sleep(TIMEOUT.multipliedBy(2).toMillis());
      assertThat(client.ends(LONG)).isTrue();
      assertThat(client.read.size()).isLessThan(1_500_000);
    }
  }

  @Test
  void requests_sent_ahead_are_answered_in_order_and_only_a_few_of_them() throws IOException {
    try (Client client = new Client((HEALTH + HEALTH.replace("/live", "/x")).repeat(4))) {
      assertThat(client.statuses(8)).hasSize(8);
    }
    try (Client client = new Client(HEALTH.repeat(1000))) {
      assertThat(client.ends(LONG)).isTrue();
      assertThat(client.read.toString(ISO_8859_1)).hasSizeLessThan(100 * 1000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET / HTTP/1.1\r\nHost: x\r\nX: ", LARGE})
  void at_the_limit_of_connections_a_new_one_is_still_answered(String begun) throws IOException {
    List<Client> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 5 * CONNECTIONS; i++) {
        clients.add(new Client(begun));
      }
      assertThat(isLive()).isTrue();
      assertThat(clients.stream().filter(client -> !client.ends(Duration.ofMillis(1))).count())
          .isLessThanOrEqualTo(CONNECTIONS);
    } finally {
      closeAll(clients);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
        "Content-Length: 7\r\nContent-Length: 8\r\n\r\n{\"a\":1}",
        "Content-Length: +7\r\n\r\n{\"a\":1}",
        "Content-Length : 7\r\n\r\n{\"a\":1}",
        "Content-Length: 7\n\r\n{\"a\":1}",
        "Transfer-Encoding: gzip, chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: identity, chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n7;a=\"\r\n0\r\n\r\nGET /a\"\r\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n7;a=\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x7\r\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n7 \r\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n7\n{\"a\":1}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}XX0\r\n\r\n",
        "Host: y\r\nContent-Length: 7\r\n\r\n{\"a\":1}"
      })
  void a_request_whose_end_can_be_read_in_two_ways_is_the_last_one(String rest) throws IOException {
    assertRefusedAndEnded(POST + rest + HEALTH, "400");
  }

  @Test
  void a_body_in_chunks_is_read() throws IOException {
    String request =
        POST + "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n" + HEALTH;
    try (Client client = new Client(request)) {
      assertThat(client.statuses(2)).containsExactly("400", "200");
      assertThat(client.read.toString(ISO_8859_1)).contains("is not a field");
    }
  }

  @Test
  void http_2_is_not_spoken() throws IOException {
    try (Client client = new Client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")) {
      assertThat(client.ends(LONG)).isTrue();
      assertThat(client.read.toString(ISO_8859_1)).doesNotContain("\0\0");
    }
    String upgrade =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n";
    try (Client client = new Client(HEALTH.replace("\r\n\r\n", "\r\n" + upgrade + "\r\n"))) {
      assertThat(client.statuses(1)).containsExactly("200");
    }
  }

  @Test
  void what_is_too_long_is_refused() throws IOException {
    assertRefusedAndEnded("GET /" + "a".repeat(9000) + " HTTP/1.1\r\n\r\n", "414");
    assertRefusedAndEnded("GET / HTTP/1.1\r\nHost: x\r\n" + "A:\r\n".repeat(101) + "\r\n", "431");
  }

  @Test
  void a_path_that_cannot_be_read_is_a_bad_request() throws IOException {
    try (Client client = new Client("GET /%zz HTTP/1.1\r\n\r\nGET /rest/% HTTP/1.1\r\n\r\n")) {
      assertThat(client.statuses(2)).containsExactly("400", "400");
    }
  }

  @Test
  void a_database_that_hangs_does_not_keep_connections_for_guesses() throws Exception {
    pipeline.lockOut();
    List<Client> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 2 * CONNECTIONS; i++) {
        clients.add(
            new Client("GET /rest/caller HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n"));
      }
      assertThat(isLive()).isTrue();
    } finally {
      pipeline.letIn();
      closeAll(clients);
    }
    soon().until(() -> pipeline.api().get("/rest/webhooks").status() == 200);
  }
}
