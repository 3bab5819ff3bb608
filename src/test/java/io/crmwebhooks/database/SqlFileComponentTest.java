package io.crmwebhooks.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.crmwebhooks.TestDatabase;
import java.util.Map;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class SqlFileComponentTest {
  @Test
  void postgresql_keeps_the_plan_of_a_statement_that_is_run_again() throws Exception {
    try (TestDatabase database = TestDatabase.create();
        HikariDataSource oneConnection = new HikariDataSource();
        DefaultCamelContext camel = new DefaultCamelContext()) {
      oneConnection.setJdbcUrl(database.url());
      oneConnection.setMaximumPoolSize(1);
      camel.addComponent(SqlFileComponent.SCHEME, new SqlFileComponent(oneConnection));
      camel.start();
      ProducerTemplate routes = camel.createProducerTemplate();
      for (int i = 0; i < 20; i++) {
        routes.requestBodyAndHeader(
            "sql-file:arm-doorbell?armed=${header.armed}", null, "armed", i % 2 == 0);
      }
      assertThat(
              new Sql(oneConnection)
                  .rows(
                      "SELECT generic_plans > 5 AS kept FROM pg_prepared_statements"
                          + " WHERE statement LIKE '%doorbell SET armed%'",
                      Map.of()))
          .hasSize(1)
          .allMatch(row -> row.get("kept").asBoolean());
    }
  }
}
