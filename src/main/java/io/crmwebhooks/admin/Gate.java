package io.crmwebhooks.admin;

import io.vertx.core.MultiMap;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every request passes this before a route sees it. Nothing under {@code /rest} is open, whatever
 * the routes say. A request needs a token, an operation that {@link Contract} knows, and the role
 * for it. No body is read before, and none is taken for an operation without one. A request takes a
 * place among those in progress when all of it has arrived. Runs on the HTTP server's event loop.
 * Thread-safe.
 */
final class Gate {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

  private static final Set<HttpMethod> WITH_BODY = Set.of(HttpMethod.POST, HttpMethod.PATCH);
  private static final String METRICS = "/observe/metrics";
  private static final int SCRAPES = 2;
  private static final Map<String, String> SOON = Map.of("Retry-After", "1");

  /** Who may go on to the routes, and what is asked for; it travels in the place of the user. */
  record Admitted(Caller caller, Contract.Match asked) {
    private static final String KEY = "admitted";

    /** Empty where a path is open to all. */
    static Optional<Admitted> of(User user) {
      return Optional.ofNullable(user).map(known -> (Admitted) known.principal().getValue(KEY));
    }

    private User toUser() {
      return User.create(new JsonObject().put(KEY, this));
    }
  }

  private final Contract contract;
  private final Login login;
  private final Slots inProgress;
  private final Slots bodies;
  private final Slots scrapes = new Slots(SCRAPES);
  private final BodyHandler body;

  /**
   * @param workers look tokens up
   * @param limit requests under {@code /rest} in progress, beyond which more are refused
   * @param largestBody in bytes
   */
  Gate(Contract contract, Tokens tokens, WorkerExecutor workers, int limit, long largestBody) {
    this.contract = contract;
    this.login = new Login(tokens, workers, this::loggedIn);
    this.inProgress = new Slots(limit);
    this.bodies = new Slots(2 * limit);
    this.body = BodyHandler.create(false).setBodyLimit(largestBody);
  }

  /** Puts this before all routes of the server, and answers what none of them has taken. */
  void guard(Router routes) {
    routes.route().order(-1000).handler(this::enter).failureHandler(Gate::fail);
    routes.route().order(-999).handler(body);
    routes.route().order(-998).handler(this::begin);
    routes.errorHandler(404, ctx -> Responses.send(ctx, nothingAt(ctx)));
    routes.errorHandler(
        405,
        ctx ->
            Responses.send(ctx, Problem.of(405, ctx.request().method() + " is not for this path")));
  }

  private void enter(RoutingContext ctx) {
    // Taken off the request at once: the routes behind would log it where messages are traced.
    MultiMap headers = ctx.request().headers();
    String authorization = headers.get(HttpHeaders.AUTHORIZATION);
    headers.remove(HttpHeaders.AUTHORIZATION);
    headers.remove(HttpHeaders.UPGRADE); // with it the body would be left unread
    try {
      requireClear(headers);
      requireReadableType(ctx);
      Responses.secure(ctx);
      if (isRest(ctx)) {
        login.login(ctx, authorization);
        return;
      }
      if (hasBody(ctx.request())) {
        throw Problem.of(400, "nothing here takes a body");
      }
    } catch (IllegalArgumentException e) {
      Responses.send(ctx, Problem.of(400, "the path cannot be read"));
      return;
    } catch (Problem problem) {
      Responses.send(ctx, problem);
      return;
    }
    if (!ctx.normalizedPath().equals(METRICS) || hold(ctx, scrapes.take(null))) {
      ctx.next();
    }
  }

  /**
   * Nobody reads the parts that a proxy before this may read otherwise; the decoder refuses the
   * rest.
   */
  private static void requireClear(MultiMap headers) {
    List<String> encodings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
    if (!encodings.isEmpty()
        && !(encodings.size() == 1 && encodings.get(0).equalsIgnoreCase("chunked"))) {
      throw Problem.of(400, "the only Transfer-Encoding is chunked");
    }
    if (headers.getAll(HttpHeaders.HOST).size() > 1) {
      throw Problem.of(400, "there is more than one Host");
    }
  }

  /** The routes read it, whatever there is to read. */
  private static void requireReadableType(RoutingContext ctx) {
    try {
      ctx.parsedHeaders().contentType().parameters();
    } catch (RuntimeException e) {
      throw Problem.of(400, "the Content-Type cannot be read");
    }
  }

  private static boolean isRest(RoutingContext ctx) {
    String path = ctx.normalizedPath();
    return path.equals("/rest") || path.startsWith("/rest/");
  }

  private void loggedIn(RoutingContext ctx, Caller caller) {
    try {
      ctx.setUser(new Admitted(caller, asked(ctx, caller)).toUser());
      if (!hasBody(ctx.request()) || hold(ctx, bodies.take(caller.workspace()))) {
        ctx.next();
      }
    } catch (Problem problem) {
      ctx.request().resume();
      Responses.send(ctx, problem);
    }
  }

  /** Goes on to the routes with the whole request. */
  private void begin(RoutingContext ctx) {
    if (!isRest(ctx) || hold(ctx, inProgress.take(workspace(ctx)))) {
      ctx.next();
    }
  }

  private static String workspace(RoutingContext ctx) {
    return Admitted.of(ctx.user()).orElseThrow().caller().workspace();
  }

  /** Keeps a place until the request is answered; without one it is refused. */
  private static boolean hold(RoutingContext ctx, Optional<Runnable> place) {
    if (place.isEmpty()) {
      ctx.request().resume();
      Responses.send(ctx, Problem.of(503, "too many requests are in progress", SOON));
      return false;
    }
    ctx.addEndHandler(end -> place.get().run());
    return true;
  }

  private Contract.Match asked(RoutingContext ctx, Caller caller) {
    Contract.Match asked = contract.match(ctx.request().method().name(), ctx.normalizedPath());
    Contract.Entry entry = asked.entry();
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
    if (!hasBody(ctx.request())) {
      return asked;
    }
    if (!WITH_BODY.contains(ctx.request().method())) {
      throw Problem.of(400, ctx.request().method() + " takes no body");
    }
    String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
    if (!isJson(type)) {
      throw Problem.of(
          415,
          "the body must be application/json, but "
              + (type == null ? "has no Content-Type" : "is " + type));
    }
    return asked;
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

  /** A request that the HTTP server itself has refused, such as one with a body over the limit. */
  private static void fail(RoutingContext ctx) {
    if (ctx.response().closed()) {
      return; // the client has gone, and there is nobody to tell
    }
    int status = ctx.statusCode() < 400 ? 500 : ctx.statusCode();
    if (status >= 500) {
      LOG.error(
          "api.failed request=\"{} {}\"",
          ctx.request().method(),
          ctx.request().path(),
          ctx.failure());
    }
    Responses.send(
        ctx,
        switch (status) {
          case 404 -> nothingAt(ctx);
          case 413 -> Problem.of(413, "the body is larger than this server takes");
          case 417 -> Problem.of(417, "only 100-continue can be expected");
          case 400 -> Problem.of(400, "the request cannot be read");
          default -> Problem.of(status, "the request cannot be answered");
        });
  }
}
