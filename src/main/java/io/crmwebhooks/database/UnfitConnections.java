package io.crmwebhooks.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Tells the pools after which failures a connection is of no use any more, beside those that they
 * know: what has ended its session, and what shows that it can only read. The latter happens in a
 * failover: a server that steps back, or is told to, keeps its sessions, and they would stay in the
 * pool for half an hour. Thread-safe.
 */
final class UnfitConnections implements SQLExceptionOverride {
  private static final String READ_ONLY = "25006";

  @java.lang.Override
  public Override adjudicate(SQLException failure) {
    return READ_ONLY.equals(failure.getSQLState()) || hasEndedItsSession(failure)
        ? Override.MUST_EVICT
        : Override.CONTINUE_EVICT;
  }

  private static boolean hasEndedItsSession(SQLException failure) {
    ServerErrorMessage server =
        failure instanceof PSQLException e ? e.getServerErrorMessage() : null;
    String severity = server == null ? null : server.getSeverity();
    return "FATAL".equals(severity) || "PANIC".equals(severity);
  }
}
