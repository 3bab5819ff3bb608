package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Aside;
import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.http.FailureReason;
import io.crmwebhooks.observe.AttemptCounts;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends an attempt: gives the endpoint's place back and leaves the {@link Outcome} in the body;
 * then, whatever comes of that, counts it and writes the one log line. Thread-safe.
 */
public final class EndAttempt {
  private static final Logger LOG = LoggerFactory.getLogger(EndAttempt.class);

  private static final int GONE = 410;

  private final EndpointLoads loads;
  private final InFlight inFlight;
  private final RetrySchedule schedule;
  private final RetryAfter retryAfter;
  private final AttemptCounts counts;
  private final News news;
  private final Clock clock;

  public EndAttempt(
      EndpointLoads loads,
      InFlight inFlight,
      RetrySchedule schedule,
      RetryAfter retryAfter,
      AttemptCounts counts,
      News news,
      Clock clock) {
    this.loads = loads;
    this.inFlight = inFlight;
    this.schedule = schedule;
    this.retryAfter = retryAfter;
    this.counts = counts;
    this.news = news;
    this.clock = clock;
  }

  /** The receiver answered 2xx. */
  public void succeeded(Exchange exchange) {
    Delivery delivery = Delivery.of(exchange);
    EndpointLoad load = loads.of(delivery.webhook().id());
    long millis = end(delivery, load);
    Integer status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
    Attempt attempt =
        new Attempt(delivery.attemptNumber(), delivery.startedAt(), millis, status, null, null);
    leave(exchange, new Outcome.Delivered(delivery, attempt));
    Aside.run(
        "endpoint health",
        () -> {
          if (load.health().succeeded(delivery, clock.instant())) {
            exchange.setProperty(
                EndpointNews.PROPERTY, new EndpointNews.Recovered(delivery.webhook().id()));
          }
        });
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "delivery.attempted {} result=delivered next=\"none\" error=\"\"",
          describe(delivery, attempt));
    }
  }

  /**
   * The attempt ended in {@link Exchange#EXCEPTION_CAUGHT}; the retry schedule says what comes
   * next.
   */
  public void failed(Exchange exchange) {
    Delivery delivery = Delivery.of(exchange);
    EndpointLoad load = loads.of(delivery.webhook().id());
    long millis = end(delivery, load);
    Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    Attempt attempt =
        new Attempt(
            delivery.attemptNumber(),
            delivery.startedAt(),
            millis,
            failure instanceof HttpOperationFailedException answer ? answer.getStatusCode() : null,
            FailureReason.of(failure),
            FailureReason.responseOf(failure));
    Duration asked =
        retryAfter.read(header(failure, "Retry-After"), clock.instant()).orElse(Duration.ZERO);
    Outcome outcome = outcome(delivery, attempt, asked);
    if (outcome instanceof Outcome.Gone) {
      load.setGone(delivery.webhook());
    }
    leave(exchange, outcome);
    exchange.setProperty("webhookId", delivery.webhook().id().toString());
    Aside.run("endpoint health", () -> note(exchange, outcome, attempt, asked));
    Aside.run("log of attempts", () -> log(outcome, attempt, load));
  }

  private void note(Exchange exchange, Outcome outcome, Attempt attempt, Duration asked) {
    Delivery delivery = outcome.delivery();
    if (!(outcome instanceof Outcome.Gone)) {
      loads
          .of(delivery.webhook().id())
          .health()
          .failed(delivery, clock.instant(), attempt.status(), asked)
          .ifPresent(told -> tell(exchange, delivery, attempt, told));
    }
  }

  private void log(Outcome outcome, Attempt attempt, EndpointLoad load) {
    Delivery delivery = outcome.delivery();
    LOG.warn(
        "delivery.attempted {} result={} error=\"{}\"",
        describe(delivery, attempt),
        resultAndNext(outcome, load.health().isPaused()),
        attempt.error());
    if (outcome instanceof Outcome.Dead) {
      news.tell(
          "delivery.dead",
          delivery.webhook().id().toString(),
          "delivery %s (%s) after %d attempts: %s"
              .formatted(delivery.id(), delivery.event(), attempt.number(), attempt.error()));
    }
  }

  private static void tell(
      Exchange exchange, Delivery delivery, Attempt attempt, EndpointHealth.Failure failure) {
    exchange.setProperty(
        EndpointNews.PROPERTY,
        new EndpointNews.Failing(
            delivery.webhook().id(),
            failure.failingFor(),
            failure.pause(),
            delivery.isProbe(),
            attempt.error(),
            delivery.id()));
  }

  private void leave(Exchange exchange, Outcome outcome) {
    exchange.getMessage().setBody(outcome);
    Aside.run("counts of attempts", () -> counts.count(outcome));
  }

  private Outcome outcome(Delivery delivery, Attempt attempt, Duration asked) {
    if (attempt.status() != null && attempt.status() == GONE) {
      return new Outcome.Gone(delivery, attempt);
    }
    return schedule
        .delayAfter(delivery.attemptOfSchedule(), delivery.webhook().limits().retrySchedule())
        .map(delay -> delay.compareTo(asked) < 0 ? asked : delay)
        .<Outcome>map(delay -> new Outcome.RetryAt(delivery, attempt, delay))
        .orElseGet(() -> new Outcome.Dead(delivery, attempt));
  }

  /** A header of the receiver's answer, or null. */
  private static String header(Exception failure, String name) {
    if (!(failure instanceof HttpOperationFailedException answer)
        || answer.getResponseHeaders() == null) {
      return null;
    }
    return answer.getResponseHeaders().entrySet().stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  /** What happened and what happens next. */
  private String resultAndNext(Outcome outcome, boolean paused) {
    if (outcome instanceof Outcome.RetryAt retry) {
      return "failed next=\"attempt %d at %s, in %d s%s\""
          .formatted(
              retry.attempt().number() + 1,
              clock.instant().plus(retry.delay()).truncatedTo(ChronoUnit.SECONDS),
              retry.delay().toSeconds(),
              paused ? ", but not before the pause of the endpoint is over" : "");
    }
    return outcome instanceof Outcome.Gone
        ? "gone next=\"none, the webhook is disabled\""
        : "dead next=\"none, until somebody redelivers it\"";
  }

  private long end(Delivery delivery, EndpointLoad load) {
    long millis = delivery.elapsedMillis();
    if (inFlight.remove(delivery)) {
      load.leave(delivery, millis);
    }
    return millis;
  }

  private static String describe(Delivery delivery, Attempt attempt) {
    return "delivery=%s webhook=%s event=%s attempt=%d%s status=%s ms=%d"
        .formatted(
            delivery.id(),
            delivery.webhook().id(),
            delivery.event(),
            attempt.number(),
            delivery.isProbe() ? " probe=true" : "",
            attempt.status() == null ? "-" : attempt.status(),
            attempt.durationMillis());
  }
}
