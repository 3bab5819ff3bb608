package io.crmwebhooks.database;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Message;
import org.apache.camel.Producer;
import org.apache.camel.component.jdbc.JdbcConstants;
import org.apache.camel.component.jdbc.JdbcEndpoint;
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
    if (!parameters.keySet().equals(Sql.parameters(statement))) {
      throw new IllegalArgumentException(
          "sql/%s.sql takes the parameters %s, but the step gives %s"
              .formatted(name, Sql.parameters(statement), parameters.keySet()));
    }
    options.clear();
    JdbcEndpoint endpoint = new StatementEndpoint(uri, statement, parameters);
    endpoint.setUseHeadersAsParameters(!parameters.isEmpty());
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
