package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.pipeline.ReplayPace.Situation;
import io.crmwebhooks.pipeline.ReplayPace.Step;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stage that owes past changes again: goes between its routes and the statements of a replay.
 * Thread-safe.
 */
public final class Replaying {
  private static final Logger LOG = LoggerFactory.getLogger(Replaying.class);

  private final ReplayPace pace;
  private final Subscriptions subscriptions;
  private final Owing owing;

  public Replaying(ReplayPace pace, Subscriptions subscriptions, Owing owing) {
    this.pace = pace;
    this.subscriptions = subscriptions;
    this.owing = owing;
  }

  /**
   * Makes of the row of {@code claim-replay.sql} the parameters of the statement that comes next:
   * {@code room} is there when something is to be owed, else {@code state}, {@code reason} and
   * {@code wait}.
   */
  @SuppressWarnings("unchecked")
  public void plan(Exchange exchange) {
    Map<String, Object> row =
        ((List<Map<String, Object>>) exchange.getMessage().getBody(List.class)).get(0);
    long position = number(row, "position");
    Step step =
        pace.next(
            new Situation(
                (Boolean) row.get("webhook_deleted"),
                (Boolean) row.get("enabled"),
                (int) number(row, "concurrency"),
                position >= number(row, "last_id"),
                number(row, "owed"),
                number(row, "unattempted"),
                number(row, "failing"),
                (Boolean) row.get("others_wait"),
                Duration.ofMillis(number(row, "still_ms"))));
    Map<String, Object> headers = exchange.getMessage().getHeaders();
    headers.clear();
    headers.put("replay", row.get("id"));
    headers.put("webhook", row.get("subscription_id"));
    headers.put("position", position);
    if (step.room() > 0) {
      headers.put("room", step.room());
      return;
    }
    headers.put("state", step.state());
    headers.put("reason", step.reason() == null ? "" : step.reason());
    headers.put("wait", step.delay().toMillis() + "ms");
    if (step.state().equals(Step.CANCELLED)) {
      LOG.warn("replay.cancelled replay={} reason=\"{}\"", row.get("id"), step.reason());
    } else if (step.state().equals(Step.DONE)) {
      LOG.info("replay.done replay={} owed={}", row.get("id"), row.get("owed"));
    }
  }

  /**
   * Turns the rows of {@code replay-chunk.sql} into the chunk that the exchange carries from here
   * on.
   *
   * @throws IllegalStateException when its webhook is not known here; the step is repeated later
   */
  @SuppressWarnings("unchecked")
  public void open(Exchange exchange) {
    Message message = exchange.getMessage();
    UUID id = message.getHeader("webhook", UUID.class);
    Webhook webhook = subscriptions.servedOrDisabled(id);
    if (webhook == null) {
      throw new IllegalStateException("webhook " + id + " is not loaded yet, or was deleted");
    }
    ReplayChunk chunk =
        new ReplayChunk(
            message.getHeader("replay", Long.class),
            message.getHeader("position", Long.class),
            message.getHeader("room", Integer.class),
            webhook,
            message.getBody(List.class));
    Carried.CHUNK.put(exchange, chunk);
    Carried.VERDICTS.put(exchange, chunk.verdicts());
    exchange.setProperty("changes", chunk.changes());
  }

  /**
   * Notes that the change in the body is to be sent, as the routes have made its delivery, unless
   * the present filter does not want it.
   */
  public void owe(Exchange exchange) {
    ReplayChunk chunk = Carried.CHUNK.of(exchange);
    Outgoing outgoing = Carried.OUTGOING.of(exchange);
    Change change = exchange.getMessage().getBody(Change.class);
    chunk.owe(change, outgoing == null ? owing.again(change, chunk.webhook()) : outgoing.made());
  }

  /**
   * The input of {@code owe-replay.sql}.
   *
   * @throws IllegalStateException when changes were given back; the step is repeated later
   */
  public Map<String, Object> document(Exchange exchange) {
    return Carried.CHUNK.of(exchange).document();
  }

  private static long number(Map<String, Object> row, String column) {
    return ((Number) row.get(column)).longValue();
  }
}
