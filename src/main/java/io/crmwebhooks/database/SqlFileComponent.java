package io.crmwebhooks.database;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Message;
import org.apache.camel.Producer;
import org.apache.camel.component.jdbc.JdbcConstants;
import org.apache.camel.component.jdbc.JdbcEndpoint;
import org.apache.camel.component.jdbc.JdbcPrepareStatementStrategy;
import org.apache.camel.component.jdbc.JdbcProducer;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.builder.ExpressionBuilder;

/**
 * {@code sql-file:NAME} runs the statement {@code sql/NAME.sql} through camel-jdbc. Its rows become
 * the body, its counts stand in the headers of that component. The options of the endpoint are the
 * parameters of the statement: all of them, and no other. An option may hold a Simple expression; a
 * value that is not plain becomes JSON. Headers are no parameters, so nothing lingers from one
 * statement to the next. After a failure the message is as it was, so that a redelivery repeats the
 * step as a whole.
 */
public final class SqlFileComponent extends DefaultComponent {
  /** The name by which the routes call it. */
  public static final String SCHEME = "sql-file";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DataSource dataSource;

  public SqlFileComponent(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * @throws IllegalArgumentException when there is no such statement, or it takes other parameters
   */
  @Override
  protected Endpoint createEndpoint(String uri, String name, Map<String, Object> options) {
    String statement = Sql.sql(name + ".sql");
    Map<String, Expression> parameters = new LinkedHashMap<>();
    options.forEach((option, value) -> parameters.put(option, expression((String) value)));
    Set<String> expected = new TreeSet<>(Sql.parameters(statement));
    if (!parameters.keySet().equals(expected)) {
      throw new IllegalArgumentException(
          "sql/%s.sql takes the parameters %s, but the step gives %s"
              .formatted(name, expected, parameters.keySet()));
    }
    options.clear();
    JdbcEndpoint endpoint = new StatementEndpoint(uri, statement, parameters);
    endpoint.setUseHeadersAsParameters(!parameters.isEmpty());
    endpoint.setPrepareStatementStrategy(
        new KeptPlan(Sql.positional(statement), Sql.parameters(statement)));
    endpoint.setResetAutoCommit(false);
    return endpoint;
  }

  private Expression expression(String option) {
    return option.contains("${")
        ? getCamelContext().resolveLanguage("simple").createExpression(option)
        : ExpressionBuilder.constantExpression(option);
  }

  private static boolean isPlain(Object value) {
    return value == null
        || value instanceof String
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof UUID;
  }

  /**
   * Sends each value as text of no type, whose type the statement says. camel-jdbc asks for the
   * parameters before each run, when no value is set yet. The driver would take a typed value for
   * another statement then, and have each run parsed and planned anew.
   *
   * @param names of the parameters, in their order
   */
  private record KeptPlan(String positional, List<String> names)
      implements JdbcPrepareStatementStrategy {
    @Override
    public String prepareQuery(String statement, boolean allowNamedParameters) {
      return positional;
    }

    @Override
    public Iterator<?> createPopulateIterator(
        String statement, String prepared, int count, Exchange exchange, Object body) {
      Map<?, ?> values = exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.class);
      return names.stream().map(values::get).iterator();
    }

    @Override
    public void populateStatement(PreparedStatement statement, Iterator<?> values, int count)
        throws SQLException {
      for (int i = 1; values.hasNext(); i++) {
        Object value = values.next();
        statement.setObject(i, value == null ? null : value.toString(), Types.OTHER);
      }
    }
  }

  private final class StatementEndpoint extends JdbcEndpoint {
    private final String statement;
    private final Map<String, Expression> parameters;

    StatementEndpoint(String uri, String statement, Map<String, Expression> parameters) {
      super(uri, SqlFileComponent.this, dataSource);
      this.statement = statement;
      this.parameters = parameters;
    }

    @Override
    public Producer createProducer() throws Exception {
      return new JdbcProducer(
          this, getDataSource(), getConnectionStrategy(), getReadSize(), getParameters()) {
        @Override
        public void process(Exchange exchange) throws Exception {
          Message message = exchange.getMessage();
          Object body = message.getBody();
          message.setHeader(JdbcConstants.JDBC_PARAMETERS, values(exchange));
          message.setBody(statement);
          try {
            super.process(exchange);
          } catch (Exception e) {
            message.setBody(body);
            throw e;
          } finally {
            exchange.getMessage().removeHeader(JdbcConstants.JDBC_PARAMETERS);
          }
        }
      };
    }

    private Map<String, Object> values(Exchange exchange) throws JsonProcessingException {
      Map<String, Object> values = new HashMap<>();
      for (Map.Entry<String, Expression> parameter : parameters.entrySet()) {
        Object value = parameter.getValue().evaluate(exchange, Object.class);
        values.put(parameter.getKey(), isPlain(value) ? value : JSON.writeValueAsString(value));
      }
      return values;
    }
  }
}
