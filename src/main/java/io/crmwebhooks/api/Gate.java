package io.crmwebhooks.api;

import io.vertx.core.Handler;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every request passes before a route sees it. Under {@code /rest} nothing is open: a request
 * needs a token, an operation that {@link Contract} knows, and the role that this one takes,
 * however the routes look. Runs on the HTTP server's event loop. Thread-safe.
 */
final class Gate implements Handler<RoutingContext> {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

  private final Contract contract;
  private final Login login;

  /**
   * @param workers look tokens up
   * @param limit requests under {@code /rest} in progress, beyond which more are refused
   */
  Gate(
      Contract contract, Tokens tokens, LoginThrottle throttle, WorkerExecutor workers, int limit) {
    this.contract = contract;
    this.login = new Login(tokens, throttle, workers, new Slots(limit), this::loggedIn);
  }

  /**
   * Puts this before all routes of the server.
   *
   * @param routes where Camel puts its own
   * @param server the one around it, which answers what no route has taken
   */
  void guard(Router routes, Router server) {
    routes.route().order(-1000).handler(this).failureHandler(Gate::fail);
    server.errorHandler(404, ctx -> ProblemResponse.send(ctx, nothingAt(ctx)));
    server.errorHandler(
        405,
        ctx ->
            ProblemResponse.send(
                ctx, Problem.of(405, ctx.request().method() + " is not for this path")));
  }

  @Override
  public void handle(RoutingContext ctx) {
    SecurityHeaders.add(ctx);
    // Taken off the request at once: the routes behind would log it where messages are traced.
    String authorization = ctx.request().getHeader(HttpHeaders.AUTHORIZATION);
    ctx.request().headers().remove(HttpHeaders.AUTHORIZATION);
    String path = ctx.normalizedPath();
    if (!path.equals("/rest") && !path.startsWith("/rest/")) {
      ctx.next();
    } else {
      login.login(ctx, authorization);
    }
  }

  private void loggedIn(RoutingContext ctx, Caller caller) {
    try {
      admit(ctx, caller);
      ctx.setUser(caller.toUser());
      ctx.next();
    } catch (Problem problem) {
      ProblemResponse.send(ctx, problem);
    }
  }

  private void admit(RoutingContext ctx, Caller caller) {
    Contract.Entry entry =
        contract.match(ctx.request().method().name(), ctx.normalizedPath()).entry();
    if (entry.role() == null || !caller.role().includes(entry.role())) {
      throw Problem.of(
          403,
          "%s takes the role %s; the token \"%s\" has %s"
              .formatted(
                  entry.id(),
                  entry.role() == null ? "of nobody" : entry.role().word(),
                  caller.name(),
                  caller.role().word()));
    }
    String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
    if (hasBody(ctx.request()) && !isJson(type)) {
      throw Problem.of(
          415,
          "the body must be application/json, but "
              + (type == null ? "has no Content-Type" : "is " + type));
    }
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
        || length != null && !length.equals("0");
  }

  private static boolean isJson(String type) {
    return type != null && type.split(";", 2)[0].trim().equalsIgnoreCase("application/json");
  }

  private static Problem nothingAt(RoutingContext ctx) {
    return Problem.of(404, "there is nothing at " + ctx.normalizedPath());
  }

  /** What the HTTP server itself has refused, such as a body over the limit. */
  private static void fail(RoutingContext ctx) {
    int status = ctx.statusCode() < 400 ? 500 : ctx.statusCode();
    if (status >= 500) {
      LOG.error(
          "api.failed request=\"{} {}\"",
          ctx.request().method(),
          ctx.normalizedPath(),
          ctx.failure());
    }
    ProblemResponse.send(
        ctx,
        switch (status) {
          case 404 -> nothingAt(ctx);
          case 413 -> Problem.of(413, "the body is larger than this server takes");
          case 400 -> Problem.of(400, "the request cannot be read");
          default -> Problem.of(status, "the request cannot be answered");
        });
  }
}
