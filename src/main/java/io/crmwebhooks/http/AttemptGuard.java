package io.crmwebhooks.http;

import java.io.Closeable;
import java.io.IOException;
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
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds every attempt inside the HTTP client: the time from connect to the last byte, whatever the
 * receiver does meanwhile. Thread-safe.
 */
final class AttemptGuard implements ExecChainHandler, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptGuard.class);

  private static final long SWEEP_MILLIS = 20;

  private final Duration timeout;
  private final Duration longest;
  private final Set<DeliveryRequest> running = ConcurrentHashMap.newKeySet();
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

  private void sweep() {
    long now = System.nanoTime();
    for (DeliveryRequest attempt : running) {
      try {
        attempt.endAtDeadline(now);
      } catch (RuntimeException e) {
        // An executor never runs again what has thrown, and all other attempts would have no end.
        attempt.breakConnection();
        LOG.warn(
            "attempt.uncancelled while=\"{}\" error=\"{}\"", attempt.endedWhile(), e.toString());
      }
    }
  }

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    DeliveryRequest delivery = DeliveryRequest.of(scope.originalRequest);
    Duration deadline = delivery.deadline(timeout, longest);
    delivery.begin(scope, System.nanoTime() + deadline.toNanos());
    running.add(delivery);
    try {
      ClassicHttpResponse response = proceed(request, scope, chain, delivery);
      delivery.observe(request, response);
      // Decoding is not our business, and an unknown coding or charset must not make a failure of a
      // success.
      response.removeHeaders(HttpHeaders.CONTENT_ENCODING);
      response.removeHeaders(HttpHeaders.CONTENT_TYPE);
      return response;
    } catch (TokenServerException e) { // with the time that was left, which says where it went
      scope.execRuntime.discardEndpoint();
      throw e;
    } catch (IOException | RuntimeException e) {
      scope.execRuntime.discardEndpoint();
      if (delivery.endedWhile() != null) {
        throw new EgressException(
            "timeout after " + deadline.toMillis() + " ms while " + delivery.endedWhile(), e);
      }
      if (isBroken(e) && delivery.askedForCertificate) {
        throw new SSLException(TlsFailure.NOT_ACCEPTED, e);
      }
      throw e;
    } finally {
      running.remove(delivery);
    }
  }

  /**
   * Sends it again, at once and once, if the receiver closed the kept-alive connection before the
   * first byte of an answer. That is no failed attempt.
   */
  private static ClassicHttpResponse proceed(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain, DeliveryRequest delivery)
      throws IOException, HttpException {
    try {
      return chain.proceed(request, scope);
    } catch (IOException e) {
      if (delivery.endedWhile() != null || !delivery.insistOnFresh()) {
        throw e;
      }
      return chain.proceed(ClassicRequestBuilder.copy(scope.originalRequest).build(), scope);
    }
  }

  /** Whether the receiver hung up, in one of the ways in which that is seen. */
  private static boolean isBroken(Exception failure) {
    return failure instanceof SocketException
        || failure instanceof NoHttpResponseException
        || failure instanceof ConnectionClosedException;
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
  }
}
