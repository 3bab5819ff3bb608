package io.crmwebhooks.bench;

import io.crmwebhooks.http.WebhookSigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/**
 * The yardstick for everything, as a process of its own: Apache HttpClient in a loop of 16 threads
 * that signs, posts and forgets. Bodies and headers are those that the program sends.
 */
final class PlainLoop implements AutoCloseable {
  private static final int THREADS = 16;

  private final ChildJvm child;

  private PlainLoop(ChildJvm child) {
    this.child = child;
  }

  static PlainLoop start() throws IOException {
    return new PlainLoop(ChildJvm.start(PlainLoop.class));
  }

  /** Posts that often; returns when all are answered. */
  void post(int count, String url) {
    if (!child.ask("post " + count + " " + url).asBoolean()) {
      throw new IllegalStateException("the plain loop got an answer other than 200");
    }
  }

  double cpuSeconds() {
    return ProcFs.cpuSeconds(child.pid());
  }

  @Override
  public void close() {
    child.close();
  }

  /** The child. */
  public static void main(String[] args) throws Exception {
    HttpClient client =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setMaxConnPerRoute(THREADS)
                    .setMaxConnTotal(THREADS)
                    .build())
            .build();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    WebhookSigner signer = new WebhookSigner(BenchDatabase.SECRET);
    AtomicLong number = new AtomicLong();
    ChildJvm.serve(
        command -> {
          AtomicInteger left = new AtomicInteger(Integer.parseInt(command[1]));
          Callable<Boolean> work =
              () -> {
                boolean accepted = true;
                while (left.decrementAndGet() >= 0) {
                  accepted &= post(client, signer, command[2], number.incrementAndGet()) == 200;
                }
                return accepted;
              };
          boolean accepted = true;
          for (Future<Boolean> thread : threads.invokeAll(Collections.nCopies(THREADS, work))) {
            accepted &= thread.get();
          }
          return Boolean.toString(accepted);
        });
    threads.shutdownNow();
  }

  private static int post(HttpClient client, WebhookSigner signer, String url, long n)
      throws IOException {
    byte[] body =
        ("{\"event\":\"person.created\",\"data\":"
                + BenchDatabase.RECORD.replace("%1$s", Long.toString(n))
                + ",\"timestamp\":\"2025-02-10T15:30:50.123Z\"}")
            .getBytes(StandardCharsets.UTF_8);
    String id = "msg_%016xf0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0".formatted(n);
    long now = System.currentTimeMillis();
    HttpPost post = new HttpPost(url);
    post.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
    post.setHeader("webhook-id", id);
    post.setHeader("webhook-timestamp", Long.toString(now / 1000));
    post.setHeader("webhook-signature", signer.standard(id, now / 1000, body));
    post.setHeader("X-Twenty-Webhook-Timestamp", Long.toString(now));
    post.setHeader("X-Twenty-Webhook-Signature", signer.twenty(now, body));
    post.setHeader("X-Twenty-Webhook-Nonce", UUID.randomUUID().toString().replace("-", ""));
    return client.execute(
        post,
        response -> {
          EntityUtils.consume(response.getEntity());
          return response.getCode();
        });
  }
}
