package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.pipeline.Batch.Hold;
import io.crmwebhooks.pipeline.Claims.Claim;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * The stage that turns changes into deliveries. It opens the claimed batch, takes each of its
 * changes through the customise route, and owes it to the webhooks that want it. Its methods are
 * the processors of the dispatch routes. Thread-safe.
 */
public final class Dispatch {
  private final Claims claims;
  private final Owing owing;
  private final IntConsumer sizes;
  private final News news;

  /**
   * @param sizes is told how many changes each batch has; never fails
   * @param news takes the changes that are set aside
   */
  public Dispatch(Claims claims, Owing owing, IntConsumer sizes, News news) {
    this.claims = claims;
    this.owing = owing;
    this.sizes = sizes;
    this.news = news;
  }

  /** A row of the change table that can never be dispatched; the message says why. */
  private static final class MalformedChangeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedChangeException(String message) {
      super(message);
    }
  }

  /**
   * Takes a slot, which the exchange gives back when it is done, however it ends: a parallel split
   * returns to the poll at once. Without a slot the exchange stops here.
   */
  public void takeSlot(Exchange exchange) throws InterruptedException {
    Claims.Slot slot = claims.takeSlot();
    if (slot == null) {
      exchange.setRouteStop(true);
      return;
    }
    Carried.SLOT.put(exchange, slot);
    atEnd(exchange, slot::end);
  }

  static void atEnd(Exchange exchange, Runnable action) {
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                action.run();
              }
            });
  }

  /**
   * Turns the rows of {@code take-batch.sql} into the batch that the exchange carries from here on.
   * The values for the routes stand beside it as properties: Camel remembers the objects that an
   * expression such as {@code ${body.changes}} was asked of, a thousand of them. The message keeps
   * the first row only, which has the revision: rows would live as long as the batch, and each
   * split copies headers.
   */
  @SuppressWarnings("unchecked")
  public void openBatch(Exchange exchange) {
    List<Map<String, Object>> rows = exchange.getMessage().getBody(List.class);
    Claim claim =
        Carried.SLOT
            .of(exchange)
            .open(
                ((Number) rows.get(0).get("claim_id")).longValue(),
                Duration.ofMillis(exchange.getClock().elapsed()));
    boolean inOrder = Boolean.TRUE.equals(rows.get(0).get("in_order"));
    Hold hold = inOrder ? Hold.PARTITIONS : Hold.NOTHING;
    carry(exchange, rows.stream().map(ChangeRow::read).toList(), claim, hold);
    exchange.setProperty("more", rows.get(0).get("more"));
    exchange.setProperty("inOrder", inOrder);
    exchange.getMessage().setBody(List.of(rows.get(0)));
    exchange.getMessage().removeHeaders("*");
  }

  /**
   * Notes the claim of the rows of {@code take-batch.sql}, whose changes go on to a log. It is
   * given up when the exchange is done. If they are not there by then, some may still be on their
   * way, so it is kept until its lease ends. The property {@code mayForward} says whether there is
   * time for one more of them, and each renews the claim.
   */
  @SuppressWarnings("unchecked")
  public void hold(Exchange exchange) {
    Map<String, Object> row =
        (Map<String, Object>) exchange.getMessage().getBody(List.class).get(0);
    Claim claim =
        claims.hold(
            ((Number) row.get("claim_id")).longValue(),
            Duration.ofMillis(exchange.getClock().elapsed()));
    exchange.setProperty("mayForward", (BooleanSupplier) claim::goesOn);
    atEnd(
        exchange,
        () -> {
          claim.settling(exchange.getProperty("offsets") == null);
          claim.leave();
        });
    exchange.setProperty("claim", claim.id());
    exchange.setProperty("more", row.get("more"));
  }

  /** Makes changes the batch that the exchange carries from here on. */
  Batch carry(Exchange exchange, List<Change> changes, Claim claim, Hold hold) {
    sizes.accept(changes.size());
    Batch batch = new Batch(changes, claim, hold, news);
    Carried.BATCH.put(exchange, batch);
    Carried.VERDICTS.put(exchange, batch.verdicts());
    exchange.setProperty("changes", batch.changes());
    exchange.setProperty("claim", claim.id());
    return batch;
  }

  /** Takes no change without an event, without {@code object.action}, or without a JSON object. */
  public static void check(Exchange exchange) {
    Change change = exchange.getMessage().getBody(Change.class);
    Carried.CHANGE.put(exchange, change);
    if (change.problem() != null) {
      throw new MalformedChangeException(change.problem());
    }
  }

  /**
   * Owes the change in the body to every webhook that wants it, as the routes have made its
   * deliveries.
   */
  public void owe(Exchange exchange) throws InvalidPayloadException {
    Change change = exchange.getMessage().getMandatoryBody(Change.class);
    Outgoing outgoing = Carried.OUTGOING.of(exchange);
    Batch batch = Carried.BATCH.of(exchange);
    batch.owe(change, outgoing == null ? owing.of(change, batch) : outgoing.made());
  }

  /**
   * Notes that the customise route did not want the change sent, so that it can be told from one
   * that was lost.
   */
  public static void drop(Exchange exchange) {
    Carried.VERDICTS.of(exchange).drop(Carried.CHANGE.of(exchange));
  }

  /** Sets aside the change that a step has failed on, so that the changes behind it go on. */
  public static void park(Exchange exchange) {
    Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    Carried.VERDICTS.of(exchange).park(Carried.CHANGE.of(exchange), reason(exchange, failure));
  }

  /** Why a change cannot be sent, in words. */
  static String reason(Exchange exchange, Exception failure) {
    return failure instanceof MalformedChangeException
        ? failure.getMessage()
        : "could not be dispatched: " + StepPlace.of(exchange, failure) + rootMessage(failure);
  }

  /** The innermost cause. */
  static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = root(failure);
    return root.getClass().getSimpleName() + ": " + plain(root.getMessage());
  }

  /**
   * Camel names exchanges and messages by ids that say nothing to a later reader, and prints the
   * values that it was asked of, which may be of a record and are not for logs and chats.
   */
  static String plain(String message) {
    return message == null
        ? "no message"
        : message
            .replaceAll("(?s) on bean: .* of type: ", " on a ")
            .replaceAll("(?s) with value .* due to ", " due to ")
            .replaceAll("( on the exchange:|\\.)? ?(Exchange|Message)\\[[^\\]]*]", "")
            .replaceAll("\\b[0-9A-F]{10,}-[0-9A-F]{16}\\b", "…");
  }
}
