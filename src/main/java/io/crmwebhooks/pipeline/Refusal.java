package io.crmwebhooks.pipeline;

import io.crmwebhooks.database.StorableText;
import java.sql.SQLException;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Tells what the database refuses because of what is written from what fails because of the moment.
 * The former fails at every try: a value out of range, a constraint, a trigger that raises an
 * exception, a limit of PostgreSQL. Everything else (no connection, no space, a deadlock, a missing
 * right or table) may be over the next time. Thread-safe.
 *
 * <p>Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
public final class Refusal implements Predicate {
  private static final List<String> CLASSES = List.of("22", "23", "44", "54", "P0");

  /** The beginning of a reason. */
  static final String PREFIX = "could not be recorded: ";

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
    return StorableText.of(PREFIX + message);
  }
}
