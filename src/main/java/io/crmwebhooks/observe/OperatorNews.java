package io.crmwebhooks.observe;

import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.News.NewsPace;
import io.crmwebhooks.observe.RecentEdit.Since;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what somebody should know of to the route that tells operators. It returns at once and
 * never fails, so that any part of the pipeline can call it. The number of waiting pieces is
 * bounded. In a storm one piece of each kind is told in an interval. All others are counted. A
 * parked change is told with the route file that was edited shortly before. Thread-safe.
 */
public final class OperatorNews implements News {
  /** Where the routes take the news from. */
  private static final String TARGET = "seda:operator-news?discardWhenFull=true";

  /** News of which there may be thousands a second. */
  private static final Set<String> STORMY = Set.of("delivery.dead", News.PARKED);

  private static final List<String> KNOWN =
      List.of(
          "webhook.disabled",
          "webhook.paused",
          "webhook.recovered",
          "delivery.dead",
          News.PARKED,
          "capture.off",
          "capture.lost");

  private static final List<String> OUTCOMES = List.of("told", "left_out", "dropped");

  private static final Logger LOG = LoggerFactory.getLogger(OperatorNews.class);

  private final MeterRegistry registry;
  private final NewsPace pace;
  private final BlockingQueue<Exchange> waiting;
  private volatile ProducerTemplate routes;
  private volatile RecentEdit edits;

  /**
   * @param interval between two pieces of news of a kind, where they come in storms
   * @param limit of those that wait
   */
  OperatorNews(MeterRegistry registry, Duration interval, int limit) {
    this.registry = registry;
    this.pace = new NewsPace(interval, System::nanoTime);
    this.waiting = new LinkedBlockingQueue<>(limit);
    // A counter that begins at 1 has, for Prometheus, never increased.
    for (String event : KNOWN) {
      OUTCOMES.forEach(outcome -> count(event, outcome, 0));
    }
  }

  void connect(CamelContext context) {
    edits = RecentEdit.in(context);
    routes = context.createProducerTemplate();
  }

  /** The waiting news, for the endpoint. */
  public BlockingQueue<Exchange> waiting() {
    return waiting;
  }

  @Override
  public void tell(
      @Header("event") String event,
      @Header("webhook") String webhook,
      @Header("reason") String reason) {
    try {
      Optional<Since> edit =
          PARKED.equals(event) && edits != null ? edits.parked() : Optional.empty();
      OptionalLong leftOut =
          STORMY.contains(event) && edit.filter(Since::isMany).isEmpty()
              ? pace.admit(event + webhook)
              : OptionalLong.of(0);
      if (leftOut.isEmpty()) {
        count(event, "left_out", 1);
      } else if (routes == null || waiting.remainingCapacity() == 0) {
        count(event, "dropped", 1);
      } else {
        count(event, "told", 1);
        String words = edit.map(since -> reason + "; " + since.words()).orElse(reason);
        routes.sendBodyAndHeaders(
            TARGET, null, headers(event, webhook, words, leftOut.getAsLong()));
      }
    } catch (RuntimeException e) {
      LOG.warn("news.lost event={} error=\"{}\"", event, e.getMessage());
    }
  }

  private static Map<String, Object> headers(
      String event, String webhook, String reason, long leftOut) {
    return Map.of(
        "event",
        event,
        "webhook",
        webhook == null ? "-" : webhook,
        "reason",
        plain(reason),
        "leftOut",
        leftOut);
  }

  /** Fit for one line of a log and for a text in JSON, whatever a receiver has said. */
  private static String plain(String reason) {
    return String.valueOf(reason).replaceAll("[\\p{Cntrl}\\\\]", " ").replace('"', '\'');
  }

  private void count(String event, String outcome, int more) {
    registry
        .counter(
            "webhooks.news", "event", KNOWN.contains(event) ? event : "other", "outcome", outcome)
        .increment(more);
  }
}
