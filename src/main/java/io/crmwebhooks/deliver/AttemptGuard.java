package io.crmwebhooks.deliver;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds every attempt inside the HTTP client: the time from connect to the last byte, whatever the
 * receiver does meanwhile, and the part of the response that is read. A longer response is cut
 * there and its connection closed. Thread-safe.
 */
final class AttemptGuard implements ExecChainHandler, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptGuard.class);

  static final int RESPONSE_LIMIT = 16 * 1024;
  private static final long SWEEP_MILLIS = 20;

  private final Duration timeout;
  private final Duration longest;
  private final Set<Running> running = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "attempt-deadlines");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param timeout the total deadline of one attempt, where the webhook has none of its own
   * @param longest the latest deadline, whatever the webhook says
   */
  AttemptGuard(Duration timeout, Duration longest) {
    this.timeout = timeout;
    this.longest = longest;
    sweeper.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static final class Running {
    final Cancellable request;
    final AttemptPhase phase;
    volatile String expiredWhile;

    Running(Cancellable request, AttemptPhase phase) {
      this.request = request;
      this.phase = phase;
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    for (Running attempt : running) {
      if (attempt.expiredWhile == null && attempt.phase.isOver(now)) {
        attempt.expiredWhile = attempt.phase.toString();
        cancel(attempt);
      }
    }
  }

  /** An executor never runs again what has thrown, and all other attempts would have no end. */
  private static void cancel(Running attempt) {
    try {
      attempt.request.cancel();
    } catch (RuntimeException e) {
      LOG.warn("attempt.uncancelled while=\"{}\" error=\"{}\"", attempt.expiredWhile, e.toString());
    }
  }

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    Duration deadline = deadlineOf(scope.originalRequest);
    AttemptPhase phase = AttemptPhase.begin(System.nanoTime() + deadline.toNanos());
    Running attempt = new Running((Cancellable) scope.originalRequest, phase);
    running.add(attempt);
    boolean answered = false;
    try (phase) {
      ClassicHttpResponse response = chain.proceed(request, scope);
      answered = true;
      AttemptTap.observe(request, response);
      AttemptPhase.enter("reading the response");
      if (!readBounded(response)) {
        // Closing the response would read it to its end; the connection is given up.
        scope.execRuntime.discardEndpoint();
      }
      return response;
    } catch (IOException | RuntimeException e) {
      scope.execRuntime.discardEndpoint();
      if (attempt.expiredWhile != null) {
        throw new AttemptTimeoutException(
            "timeout after " + deadline.toMillis() + " ms while " + attempt.expiredWhile, e);
      }
      if (!answered && isBroken(e) && phase.hasBeenAskedForCertificate()) {
        throw new SSLException(TlsFailure.NOT_ACCEPTED, e);
      }
      throw e;
    } finally {
      running.remove(attempt);
    }
  }

  /** Whether the receiver hung up, in one of the ways in which that is seen. */
  private static boolean isBroken(Exception failure) {
    return failure instanceof SocketException
        || failure instanceof NoHttpResponseException
        || failure instanceof ConnectionClosedException;
  }

  private Duration deadlineOf(ClassicHttpRequest request) throws IOException {
    Duration own = WebhookEntity.of(request).webhook().limits().timeout();
    return own == null ? timeout : own.compareTo(longest) > 0 ? longest : own;
  }

  /**
   * Says whether that was all of it. A failure has been told by its status, so it stays that one
   * when its body breaks off or does not end; a success must be complete.
   */
  private static boolean readBounded(ClassicHttpResponse response) throws IOException {
    // Decoding is not our business, and an unknown coding or charset must not make a failure of a
    // success.
    response.removeHeaders(HttpHeaders.CONTENT_ENCODING);
    response.removeHeaders(HttpHeaders.CONTENT_TYPE);
    HttpEntity entity = response.getEntity();
    InputStream content = entity == null ? null : entity.getContent();
    if (content == null) {
      return true;
    }
    long announced = entity.getContentLength(); // -1: it is not
    byte[] beginning =
        new byte[announced < 0 ? RESPONSE_LIMIT : (int) Math.min(announced, RESPONSE_LIMIT)];
    int length = 0;
    boolean whole = false;
    try {
      int read = content.read(beginning);
      while (read > 0) {
        length += read;
        read = content.read(beginning, length, beginning.length - length);
      }
      whole = read < 0 || content.read() < 0;
    } catch (IOException e) {
      if (response.getCode() < HttpStatus.SC_REDIRECTION) {
        throw e;
      }
    }
    response.setEntity(new ByteArrayEntity(beginning, 0, length, null));
    return whole;
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
  }
}
