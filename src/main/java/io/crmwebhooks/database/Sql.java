package io.crmwebhooks.database;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.postgresql.PGStatement;

/**
 * Runs the {@link Statements} where no route does. Parameters are named as in the routes, {@code
 * :?name}, and travel as text, which the statement casts to what it needs. A row is a JSON object
 * whose keys are the column names. Thread-safe.
 */
public final class Sql {
  private static final Pattern PARAMETER = Pattern.compile(":\\?(\\w+)");

  // A question here is wide once and narrow the next time: a kept plan would fit only one of them.
  private static final int PLAN_ANEW = 0;

  private final DataSource dataSource;
  private final boolean patient;

  public Sql(DataSource dataSource) {
    this(dataSource, false);
  }

  private Sql(DataSource dataSource, boolean patient) {
    this.dataSource = dataSource;
    this.patient = patient;
  }

  /** For statements that read whole tables: the server may take as long as it likes to answer. */
  public static Sql patient(DataSource dataSource) {
    return new Sql(dataSource, true);
  }

  /** On which the statements are run. */
  public DataSource dataSource() {
    return dataSource;
  }

  /** The text of a file of {@link Statements}. */
  public static String sql(String file) {
    return Statements.ofThisProcess().text(file);
  }

  /** The names of the parameters of a statement, in their order; one may come again. */
  static List<String> parameters(String statement) {
    return PARAMETER
        .matcher(statement)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  /** The statement as JDBC takes it, with a question mark for each parameter. */
  static String positional(String statement) {
    return PARAMETER.matcher(statement).replaceAll("?");
  }

  /**
   * Runs one statement.
   *
   * @param parameters a collection becomes an array of text; null a NULL
   * @throws IllegalArgumentException when a parameter that the statement names is missing
   */
  public List<ObjectNode> rows(String statement, Map<String, ?> parameters) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      if (patient) {
        connection.setNetworkTimeout(Runnable::run, 0); // until the pool has it back
      }
      return rows(connection, statement, parameters);
    }
  }

  /** As {@link #rows(String, Map)}, in the transaction of this connection. */
  public static List<ObjectNode> rows(
      Connection connection, String statement, Map<String, ?> parameters) throws SQLException {
    List<String> names = parameters(statement);
    try (PreparedStatement prepared = connection.prepareStatement(positional(statement))) {
      prepared.unwrap(PGStatement.class).setPrepareThreshold(PLAN_ANEW);
      for (int i = 0; i < names.size(); i++) {
        if (!parameters.containsKey(names.get(i))) {
          throw new IllegalArgumentException("no value for :?" + names.get(i));
        }
        bind(prepared, i + 1, parameters.get(names.get(i)));
      }
      List<ObjectNode> rows = new ArrayList<>();
      if (prepared.execute()) {
        try (ResultSet result = prepared.getResultSet()) {
          while (result.next()) {
            rows.add(JsonRow.of(result));
          }
        }
      }
      return rows;
    }
  }

  /** Parameters, as names and values in turn; a value may be null. More may be put in. */
  public static Map<String, Object> parameters(Object... namesAndValues) {
    Map<String, Object> parameters = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      parameters.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return parameters;
  }

  /** Runs several statements as one. */
  public <T> T transaction(Transaction.Work<T> work) throws SQLException {
    return Transaction.run(dataSource, work);
  }

  /** As {@link #rows}, of a statement that gives at most one. */
  public Optional<ObjectNode> row(String statement, Map<String, ?> parameters) throws SQLException {
    return rows(statement, parameters).stream().findFirst();
  }

  private static void bind(PreparedStatement prepared, int index, Object value)
      throws SQLException {
    if (value instanceof Collection<?> many) {
      prepared.setArray(index, prepared.getConnection().createArrayOf("text", many.toArray()));
    } else {
      prepared.setString(index, text(value));
    }
  }

  private static String text(Object value) {
    return value instanceof Instant time
        ? DatabaseTime.literal(time)
        : Objects.toString(value, null);
  }

  /** Runs several statements as one. */
  public static final class Transaction {
    private Transaction() {}

    /** The work on the connection; it neither commits nor closes it. */
    public interface Work<T> {
      T on(Connection connection) throws SQLException;
    }

    /** Commits what the work did, or nothing of it when it throws. */
    public static <T> T run(DataSource dataSource, Work<T> work) throws SQLException {
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        try {
          T result = work.on(connection);
          connection.commit();
          return result;
        } catch (SQLException | RuntimeException e) {
          rollback(connection, e);
          throw e;
        } finally {
          connection.setAutoCommit(true);
        }
      }
    }

    private static void rollback(Connection connection, Exception reason) {
      try {
        connection.rollback();
      } catch (SQLException e) { // of a broken connection, which has rolled back by itself
        reason.addSuppressed(e);
      }
    }
  }
}
