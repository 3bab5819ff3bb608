package io.crmwebhooks.pipeline;

import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.pipeline.Recording.BatchDocument;
import java.sql.SQLException;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;
import org.apache.camel.RuntimeCamelException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Handles a record that the database rejects: its changes, or its outcomes of pending deliveries,
 * are written one by one. One that fails alone is written without texts from outside, such as a
 * receiver's answer. If that fails too, a change is parked and a delivery dies with the reason, so
 * that it does not stop the others. Thread-safe.
 */
public final class RefusedRecord {
  private final News news;

  public RefusedRecord(News news) {
    this.news = news;
  }

  /**
   * The next part of a batch to write.
   *
   * @param change whose it is; the claim of the others goes on
   */
  record Part(long change, BatchDocument document) {}

  /**
   * The changes of the refused document one by one; or its one change, saying less. The claim is
   * then still to be ended ({@link #end}).
   *
   * @throws RuntimeCamelException when it can say no less; the change is dispatched again when the
   *     lease of its claim ends
   */
  public List<Part> parts(Exchange exchange) {
    BatchDocument document = exchange.getProperty(Recording.DOCUMENT, BatchDocument.class);
    String only = exchange.getProperty(Recording.ONLY, String.class);
    Carried.BATCH.of(exchange).claim().moved();
    if (only.isEmpty()) {
      exchange.setProperty("inParts", true);
      return document.changeIds().stream().map(id -> new Part(id, document.only(id))).toList();
    }
    long change = Long.parseLong(only);
    if (document.hasWords()) {
      return List.of(new Part(change, document.withoutWords()));
    }
    if (document.onlyParks()) {
      throw unwritable("change " + change + " can be neither recorded nor parked", exchange);
    }
    String reason = Refusal.reason(exchange) + "; it may have been sent";
    news.tell(News.PARKED, null, "change " + change + ": " + reason);
    return List.of(new Part(change, BatchDocument.parking(change, reason)));
  }

  /**
   * Makes the part in the body what is recorded next.
   *
   * @throws RuntimeCamelException when others may have taken over what is left
   */
  public void take(@Body Part part, Exchange exchange) {
    if (!Carried.BATCH.of(exchange).claim().isHeld()) {
      throw unwritable("the claim was lost before change " + part.change(), exchange);
    }
    exchange.setProperty(Recording.ONLY, Long.toString(part.change()));
    exchange.setProperty(Recording.DOCUMENT, part.document());
  }

  /** Makes the end of the claim what is recorded next. */
  public void end(Exchange exchange) {
    exchange.setProperty(Recording.DOCUMENT, BatchDocument.EMPTY);
  }

  /**
   * The refused rows in the body one by one, or its one row, saying less.
   *
   * @throws RuntimeCamelException when it can say no less; the delivery falls due when its lease
   *     ends
   */
  public List<List<OutcomeRow>> rows(@Body List<OutcomeRow> rows, Exchange exchange) {
    if (rows.size() > 1) {
      return rows.stream().map(List::of).toList();
    }
    OutcomeRow row = rows.get(0);
    if (row.saysLeast()) {
      throw unwritable("the outcome of delivery " + row.id() + " cannot be recorded", exchange);
    }
    if (row.hasWords()) {
      return List.of(List.of(row.withoutWords()));
    }
    String reason = Refusal.reason(exchange);
    news.tell(
        "delivery.dead", row.subscriptionId().toString(), "delivery " + row.id() + ": " + reason);
    return List.of(List.of(row.unrecordable(reason)));
  }

  private static RuntimeCamelException unwritable(String problem, Exchange exchange) {
    return new RuntimeCamelException(
        problem, exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
  }

  /**
   * Tells what the database refuses because of what is written from what fails because of the
   * moment. The former fails at every try: a value out of range, a constraint, a trigger that
   * raises an exception, a limit of PostgreSQL. Everything else (no connection, no space, a
   * deadlock, a missing right or table) may be over the next time. Thread-safe.
   *
   * <p>Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
   */
  public static final class Refusal implements Predicate {
    private static final List<String> CLASSES = List.of("22", "23", "44", "54", "P0");

    /** Whether the exception that the exchange meets, or has caught, is a refusal. */
    @Override
    public boolean matches(Exchange exchange) {
      return isOne(
          exchange.getException() != null
              ? exchange.getException()
              : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
    }

    static boolean isOne(Throwable failure) {
      String state = failure instanceof SQLException e ? e.getSQLState() : null;
      return state != null && state.length() == 5 && CLASSES.contains(state.substring(0, 2));
    }

    /** The refusal that the exchange has caught, in words, without the values that it is about. */
    static String reason(Exchange exchange) {
      Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
      ServerErrorMessage server =
          failure instanceof PSQLException e ? e.getServerErrorMessage() : null;
      String message = server == null ? failure.getMessage() : server.getMessage();
      return StorableText.of(OutcomeRow.UNRECORDABLE + message);
    }
  }
}
