package io.crmwebhooks.admin;

import io.vertx.ext.auth.User;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between the routes and the {@link Api}: makes the {@link Call}, and of what comes back the
 * response. Every error becomes a problem document, which repeats nothing from the request.
 * Thread-safe.
 */
public final class ApiProcessor implements Processor {
  private static final Logger LOG = LoggerFactory.getLogger(ApiProcessor.class);

  private static final String STATEMENT_TIMEOUT = "57014";

  /**
   * Lost connections, a database that only reads for now, conflicts between transactions, short
   * resources, a server that stops or starts, a failing disk:
   * https://www.postgresql.org/docs/current/errcodes-appendix.html
   */
  private static final List<String> PASSING = List.of("08", "25006", "40", "53", "57P", "58");

  /** A value that it cannot take, such as a number out of its range. */
  private static final String DATA = "22";

  private static final Map<String, String> SOON = Map.of("Retry-After", "1");

  private final Api api;

  ApiProcessor(Api api) {
    this.api = api;
  }

  @Override
  public void process(Exchange exchange) {
    Answer answer;
    String mediaType = "application/json";
    try {
      answer = answer(exchange.getMessage());
    } catch (Exception e) {
      Problem problem = problem(e, exchange);
      answer = new Answer(problem.status(), problem.toJson(), problem.headers());
      mediaType = Problem.MEDIA_TYPE;
    }
    respond(exchange.getMessage(), answer, mediaType);
  }

  private Answer answer(Message message) throws Exception {
    User user = message.getHeader(VertxPlatformHttpConstants.AUTHENTICATED_USER, User.class);
    Gate.Admitted admitted = Gate.Admitted.of(user).orElseGet(() -> openToAll(message));
    String query = message.getHeader(Exchange.HTTP_RAW_QUERY, String.class);
    byte[] body = message.getBody(byte[].class);
    String ifMatch = message.getHeader("If-Match", String.class);
    return api.answer(
        Call.of(admitted.caller(), admitted.asked(), query, ifMatch, body, fraction -> {}));
  }

  /** An operation without a role passes the gate without a token. */
  private Gate.Admitted openToAll(Message message) {
    String path = message.getHeader(Exchange.HTTP_PATH, String.class);
    Contract.Match asked =
        api.contract().match(message.getHeader(Exchange.HTTP_METHOD, String.class), path);
    if (asked.entry().role() != null) {
      throw Problem.of(401, "a token is needed");
    }
    return new Gate.Admitted(null, asked);
  }

  private static Problem problem(Exception e, Exchange exchange) {
    if (e instanceof Problem problem) {
      return problem;
    }
    String request =
        exchange.getMessage().getHeader(Exchange.HTTP_METHOD)
            + " "
            + exchange.getMessage().getHeader(Exchange.HTTP_PATH);
    Optional<Problem> passing =
        Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
            .filter(SQLException.class::isInstance)
            .flatMap(sql -> passing((SQLException) sql).stream())
            .findFirst();
    if (passing.isPresent()) {
      LOG.warn("api.refused request=\"{}\" error=\"{}\"", request, e.getMessage());
      return passing.get();
    }
    LOG.error("api.failed request=\"{}\"", request, e);
    return Problem.of(500, "something went wrong here; the log of crm-webhooks says what");
  }

  /**
   * Errors that are no fault of this program: a value of the request, or a state that may be over
   * soon.
   */
  private static Optional<Problem> passing(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    if (e instanceof SQLTransientConnectionException) {
      return Optional.of(Problem.of(503, "the database has no connection free; try again", SOON));
    }
    if (state.equals(STATEMENT_TIMEOUT)) {
      return Optional.of(
          Problem.of(
              503,
              "the database took longer than webhooks.api.statement-timeout; ask for less",
              SOON));
    }
    if (state.startsWith(DATA)) {
      return Optional.of(
          Problem.of(400, "the database can do nothing with a value of this request"));
    }
    return PASSING.stream().anyMatch(state::startsWith)
        ? Optional.of(Problem.of(503, "the database cannot answer now; try again", SOON))
        : Optional.empty();
  }

  private static void respond(Message message, Answer answer, String mediaType) {
    Map<String, Object> headers = new HashMap<>(answer.headers());
    headers.put(Exchange.HTTP_RESPONSE_CODE, answer.status());
    if (answer.body() != null) {
      headers.put(Exchange.CONTENT_TYPE, mediaType);
    }
    // Headers that are left would be sent: the request's own, its token among them.
    message.getHeaders().clear();
    message.getHeaders().putAll(headers);
    message.setBody(answer.body() == null ? null : Json.bytes(answer.body()));
  }
}
