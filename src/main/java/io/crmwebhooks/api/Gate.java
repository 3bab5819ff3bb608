package io.crmwebhooks.api;

import io.netty.util.NetUtil;
import io.vertx.core.Handler;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every request passes before a route sees it. Under {@code /rest} nothing is open: a request
 * needs a token, an operation that {@link Contract} knows, and the role that this one takes,
 * however the routes look. Runs on the HTTP server's event loop and never blocks it; tokens are
 * looked up by a worker. Thread-safe.
 */
final class Gate implements Handler<RoutingContext> {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final String BEARER = "bearer ";
  private static final String IN_PROGRESS = Gate.class.getName() + ".inProgress";
  private static final Map<String, String> CHALLENGE =
      Map.of("WWW-Authenticate", "Bearer realm=\"crm-webhooks\"");

  private final Contract contract;
  private final Tokens tokens;
  private final LoginThrottle throttle;
  private final WorkerExecutor workers;
  private final int limit;
  private final AtomicInteger inProgress = new AtomicInteger();

  /**
   * @param workers look tokens up
   * @param limit requests under {@code /rest} in progress, beyond which more are refused
   */
  Gate(
      Contract contract, Tokens tokens, LoginThrottle throttle, WorkerExecutor workers, int limit) {
    this.contract = contract;
    this.tokens = tokens;
    this.throttle = throttle;
    this.workers = workers;
    this.limit = limit;
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
    } else if (inProgress.get() >= limit) {
      ProblemResponse.send(
          ctx, Problem.of(503, "too many requests are in progress", Map.of("Retry-After", "1")));
    } else {
      inProgress.incrementAndGet();
      ctx.put(IN_PROGRESS, true);
      ctx.addEndHandler(end -> leave(ctx));
      login(ctx, authorization);
    }
  }

  private void leave(RoutingContext ctx) {
    if (ctx.remove(IN_PROGRESS) != null) {
      inProgress.decrementAndGet();
    }
  }

  private void login(RoutingContext ctx, String authorization) {
    HttpServerRequest request = ctx.request();
    if (authorization == null
        || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      ProblemResponse.send(
          ctx, Problem.of(401, "a token is needed: Authorization: Bearer …", CHALLENGE));
      return;
    }
    String address = addressOf(request);
    if (!throttle.admits(address)) {
      ProblemResponse.send(
          ctx,
          Problem.of(429, "too many failed logins from this address", Map.of("Retry-After", "5")));
      return;
    }
    String token = authorization.substring(BEARER.length()).trim();
    request.pause(); // the body must not arrive before somebody reads it
    workers
        .executeBlocking(() -> tokens.find(token), false)
        .onSuccess(caller -> loggedIn(ctx, caller, address))
        .onFailure(failure -> notLookedUp(ctx, failure));
  }

  private void loggedIn(RoutingContext ctx, Optional<Caller> caller, String address) {
    if (caller.isEmpty()) {
      leave(ctx); // it only waits, and must not keep those out who have a token
      long millis = throttle.failed(address);
      LOG.warn("api.login failed address={} answered={}ms", address, millis);
      ctx.vertx()
          .setTimer(
              millis,
              timer -> {
                throttle.answered(address);
                ctx.request().resume();
                ProblemResponse.send(ctx, Problem.of(401, "the token is not valid", CHALLENGE));
              });
      return;
    }
    ctx.request().resume();
    try {
      admit(ctx, caller.get());
      ctx.setUser(caller.get().toUser());
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

  private static void notLookedUp(RoutingContext ctx, Throwable failure) {
    ctx.request().resume();
    LOG.warn("api.login the token cannot be looked up error=\"{}\"", failure.getMessage());
    boolean database = failure instanceof SQLException;
    ProblemResponse.send(
        ctx,
        database
            ? Problem.of(503, "the database cannot be asked", Map.of("Retry-After", "1"))
            : Problem.of(500, "something went wrong here; the log of crm-webhooks says what"));
  }

  /** A client, as far as an address tells: of IPv6 the network, since one host has many. */
  private static String addressOf(HttpServerRequest request) {
    String host = request.remoteAddress() == null ? null : request.remoteAddress().hostAddress();
    byte[] bytes = host == null ? null : NetUtil.createByteArrayFromIpAddressString(host);
    if (bytes == null || bytes.length == 4) {
      return String.valueOf(host);
    }
    return HexFormat.of().formatHex(Arrays.copyOf(bytes, 8)) + "/64";
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
