package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
  private static final int SMALL = 65_536;
  private static final int ANSWER = 6 << 20;
  private static final byte[] REQUEST =
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

  @AfterEach
  void stop() {
    vertx.close();
  }

  /** As the metrics are answered: at once and whole, be they read or not. */
  private int serve() throws Exception {
    HttpServerOptions options = new HttpServerOptions();
    options.setSendBufferSize(SMALL);
    Connections connections = new Connections(options, 16, Duration.ofMinutes(1));
    return vertx
        .createHttpServer(options)
        .connectionHandler(connections::add)
        .requestHandler(request -> request.response().end(Buffer.buffer(new byte[ANSWER])))
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS)
        .actualPort();
  }

  /** A client that has the first byte of its answer and reads no other yet. */
  private static Socket ask(int port) throws IOException {
    Socket client = new Socket();
    client.setReceiveBufferSize(SMALL);
    client.setSoTimeout(20_000);
    client.connect(new InetSocketAddress("127.0.0.1", port));
    client.getOutputStream().write(REQUEST);
    assertThat(client.getInputStream().read()).isEqualTo('H');
    return client;
  }

  @Test
  void answers_that_nobody_reads_hold_16_MiB_and_the_oldest_end_first() throws Exception {
    int port = serve();
    List<Boolean> whole = new ArrayList<>();
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clients.add(ask(port));
    }
    for (Socket client : clients) {
      whole.add(client.getInputStream().readAllBytes().length >= ANSWER);
      client.close();
    }
    assertThat(whole).containsExactly(false, false, true, true);
  }
}
