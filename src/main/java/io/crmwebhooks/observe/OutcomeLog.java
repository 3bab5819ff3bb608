package io.crmwebhooks.observe;

import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Outcome;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the one log line of each attempt, a success at DEBUG and a failure at WARN, and has
 * operators told of dead letters. Thread-safe.
 */
public final class OutcomeLog implements Consumer<Outcome> {
  private static final Logger LOG = LoggerFactory.getLogger(OutcomeLog.class);

  private final News news;
  private final Predicate<Delivery> paused;
  private final Clock clock;

  /**
   * @param paused whether the endpoint that a delivery goes to is paused
   */
  public OutcomeLog(News news, Predicate<Delivery> paused, Clock clock) {
    this.news = news;
    this.paused = paused;
    this.clock = clock;
  }

  @Override
  public void accept(Outcome outcome) {
    if (outcome.state() == Outcome.State.DELIVERED) {
      if (LOG.isDebugEnabled()) {
        LOG.debug(
            "delivery.attempted {} result=delivered next=\"none\" error=\"\"", describe(outcome));
      }
      return;
    }
    LOG.warn(
        "delivery.attempted {} result={} error=\"{}\"",
        describe(outcome),
        resultAndNext(outcome),
        outcome.attempt().error());
    if (outcome.state() == Outcome.State.DEAD) {
      tell(outcome.delivery(), outcome.attempt());
    }
  }

  private void tell(Delivery delivery, Attempt attempt) {
    news.tell(
        "delivery.dead",
        delivery.webhook().id().toString(),
        "delivery %s (%s)%s after %d attempts: %s"
            .formatted(
                delivery.parts().get(0).id(),
                delivery.change().getEvent(),
                delivery.members().size() < 2
                    ? ""
                    : " and %d more of its POST".formatted(delivery.members().size() - 1),
                attempt.number(),
                attempt.error()));
  }

  /** The outcome and the next step. */
  private String resultAndNext(Outcome outcome) {
    return switch (outcome.state()) {
      case RETRY ->
          "failed next=\"attempt %d at %s, in %d s%s\""
              .formatted(
                  outcome.attempt().number() + 1,
                  clock.instant().plus(outcome.delay()).truncatedTo(ChronoUnit.SECONDS),
                  outcome.delay().toSeconds(),
                  paused.test(outcome.delivery())
                      ? ", but not before the pause of the endpoint is over"
                      : "");
      case CANCELLED -> "gone next=\"none, the webhook is disabled\"";
      default -> "dead next=\"none, until somebody redelivers it\"";
    };
  }

  private static String describe(Outcome outcome) {
    Delivery delivery = outcome.delivery();
    Attempt attempt = outcome.attempt();
    return "delivery=%s%s webhook=%s event=%s attempt=%d%s%s status=%s ms=%d"
        .formatted(
            delivery.id(),
            delivery.members().isEmpty()
                ? ""
                : " first=%s deliveries=%d"
                    .formatted(delivery.members().get(0).id(), delivery.members().size()),
            delivery.webhook().id(),
            delivery.change().getEvent(),
            attempt.number(),
            delivery.history().probe() ? " probe=true" : "",
            delivery.elsewhere() == null ? "" : " endpoint=" + delivery.elsewhere(),
            attempt.status() == null ? "-" : attempt.status(),
            attempt.durationMillis());
  }
}
