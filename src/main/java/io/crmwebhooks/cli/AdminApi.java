package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.admin.Problem;
import java.sql.SQLException;

/**
 * The operations of {@code openapi.json}, carried out by a server or by this very process on the
 * database. A command cannot tell which. Used by one thread.
 */
interface AdminApi extends AutoCloseable {
  /**
   * @return what is answered; a missing node where there is no body
   * @throws Problem when it is refused, as the API says it
   * @throws CommandFailure when nobody can be asked
   * @throws SQLException when the database has failed, and there is no server to say so
   */
  JsonNode call(Request request) throws Exception;

  @Override
  void close();
}
