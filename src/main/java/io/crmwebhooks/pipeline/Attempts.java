package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Webhook.ProgramFailure;
import io.crmwebhooks.http.FailureReason;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpOperationFailedException;

/**
 * The stage around an attempt. It notes the beginning. At the end it gives the endpoint's place
 * back and leaves the {@link Outcome} in the body. Listeners are told the outcome then. Their
 * errors do not change it. Thread-safe.
 */
public final class Attempts {
  /** The answers that disable a webhook, by their status, as people read them. */
  private static final Map<Integer, String> DISABLING =
      Map.of(410, "the receiver answered HTTP 410 (Gone)");

  private static final int TOO_LARGE = 413;

  private final Endpoints endpoints;
  private final RetrySchedule schedule;
  private final List<Consumer<Outcome>> listeners;
  private final Clock clock;

  /**
   * @param listeners are told every outcome of an attempt; their exceptions are logged
   */
  public Attempts(
      Endpoints endpoints, RetrySchedule schedule, List<Consumer<Outcome>> listeners, Clock clock) {
    this.endpoints = endpoints;
    this.schedule = schedule;
    this.listeners = List.copyOf(listeners);
    this.clock = clock;
  }

  /**
   * Starts an attempt of the delivery in the body, which the exchange carries from here on.
   *
   * @throws ProgramFailure when there is nothing to send
   */
  public void begin(Exchange exchange) {
    Delivery delivery = exchange.getMessage().getBody(Delivery.class);
    Carried.DELIVERY.put(exchange, delivery);
    delivery.begin(clock.instant(), System.nanoTime());
    endpoints.begin(delivery);
    if (delivery.problem() != null) {
      throw new ProgramFailure(delivery.problem());
    }
  }

  /** The receiver answered 2xx. */
  public void succeeded(Exchange exchange) {
    Delivery delivery = Carried.DELIVERY.of(exchange);
    long millis = delivery.elapsedMillis();
    endpoints.end(delivery, millis);
    Integer status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
    Attempt attempt =
        new Attempt(delivery.attemptNumber(), delivery.startedAt(), millis, status, null, null);
    Outcome outcome = Outcome.delivered(delivery, attempt);
    exchange.getMessage().setBody(outcome);
    Aside.run(
        "endpoint health",
        () -> {
          if (delivery.elsewhere() != null) {
            endpoints.detours().succeeded(delivery);
          } else if (endpoints.of(delivery).health().succeeded(delivery, clock.instant())) {
            Carried.FINDING.put(exchange, EndpointHealth.Finding.recovered(delivery));
          }
        });
    tellListeners(outcome);
  }

  /**
   * The attempt ended in {@link Exchange#EXCEPTION_CAUGHT}; the retry schedule says what comes
   * next. Where there was nothing to send, it was none, and the delivery is dead.
   */
  public void failed(Exchange exchange) {
    Delivery delivery = Carried.DELIVERY.of(exchange);
    long millis = delivery.elapsedMillis();
    endpoints.end(delivery, millis);
    Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    if (failure instanceof ProgramFailure) {
      exchange.getMessage().setBody(Outcome.unsendable(delivery, failure.getMessage()));
      return;
    }
    Attempt attempt =
        new Attempt(
            delivery.attemptNumber(),
            delivery.startedAt(),
            millis,
            failure instanceof HttpOperationFailedException answer ? answer.getStatusCode() : null,
            FailureReason.of(failure),
            FailureReason.responseOf(failure));
    Duration asked = schedule.asked(header(failure, "Retry-After"), clock.instant());
    Outcome outcome = outcome(delivery, attempt, asked);
    exchange.getMessage().setBody(outcome);
    exchange.setProperty("webhookId", delivery.webhook().id().toString());
    if (outcome.isGone()) {
      exchange.setProperty("reason", outcome.reason());
      endpoints.of(delivery).setGone(delivery.webhook(), outcome.reason());
    } else {
      Aside.run("endpoint health", () -> note(exchange, outcome, asked));
    }
    tellListeners(outcome);
  }

  private void tellListeners(Outcome outcome) {
    for (Consumer<Outcome> listener : listeners) {
      Aside.run(listener.getClass().getSimpleName(), () -> listener.accept(outcome));
    }
  }

  private void note(Exchange exchange, Outcome outcome, Duration asked) {
    Delivery delivery = outcome.delivery();
    Attempt attempt = outcome.attempt();
    if (delivery.elsewhere() != null) {
      endpoints.detours().failed(delivery, clock.instant(), attempt.status(), asked);
      return;
    }
    endpoints
        .of(delivery)
        .health()
        .failed(delivery, clock.instant(), attempt.status(), asked)
        .map(failure -> EndpointHealth.Finding.failing(delivery, failure, attempt.error()))
        .ifPresent(finding -> Carried.FINDING.put(exchange, finding));
  }

  private Outcome outcome(Delivery delivery, Attempt attempt, Duration asked) {
    if (attempt.status() != null
        && DISABLING.containsKey(attempt.status())
        && delivery.elsewhere() == null) {
      return Outcome.gone(delivery, attempt, DISABLING.get(attempt.status()));
    }
    if (attempt.status() != null
        && attempt.status() == TOO_LARGE
        && delivery.members().size() > 1) {
      return Outcome.halved(delivery, attempt, asked);
    }
    return schedule
        .delayAfter(
            delivery.attemptOfSchedule(), delivery.webhook().limits().retrySchedule(), asked)
        .map(delay -> Outcome.retry(delivery, attempt, delay))
        .orElseGet(() -> Outcome.dead(delivery, attempt));
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

  /** Whether the attempt has found out that the endpoint fails, and others should know. */
  public static boolean findsFailing(Exchange exchange) {
    EndpointHealth.Finding finding = Carried.FINDING.of(exchange);
    return finding != null && finding.failing();
  }

  /** Whether the attempt has found out that the endpoint is well again. */
  public static boolean findsRecovered(Exchange exchange) {
    EndpointHealth.Finding finding = Carried.FINDING.of(exchange);
    return finding != null && !finding.failing();
  }

  /** Prepares the note of an attempt's finding: its parameters become the headers. */
  public static void tell(Exchange exchange) {
    exchange.getMessage().setHeaders(new HashMap<>(Carried.FINDING.of(exchange).parameters()));
  }
}
