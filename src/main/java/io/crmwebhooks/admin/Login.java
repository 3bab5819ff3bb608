package io.crmwebhooks.admin;

import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out who calls. Every token takes the same work, right or wrong: one hash and one look-up by
 * it. So guesses, of which 256 random bits allow any number, hold up nobody. Runs on the HTTP
 * server's event loop and never blocks it; tokens are looked up by a worker. Used by that loop
 * only.
 */
final class Login {
  private static final Logger LOG = LoggerFactory.getLogger(Login.class);
  private static final String BEARER = "bearer ";
  private static final Map<String, String> CHALLENGE =
      Map.of("WWW-Authenticate", "Bearer realm=\"crm-webhooks\"");
  private static final long NANOS_BETWEEN_LOG_LINES = Duration.ofSeconds(1).toNanos();

  private final Tokens tokens;
  private final WorkerExecutor workers;
  private final BiConsumer<RoutingContext, Caller> next;
  private long logged = System.nanoTime() - NANOS_BETWEEN_LOG_LINES;
  private long unlogged;

  /**
   * @param workers look tokens up
   * @param next takes a request with its caller
   */
  Login(Tokens tokens, WorkerExecutor workers, BiConsumer<RoutingContext, Caller> next) {
    this.tokens = tokens;
    this.workers = workers;
    this.next = next;
  }

  void login(RoutingContext ctx, String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      Responses.send(ctx, Problem.of(401, "a token is needed: Authorization: Bearer …", CHALLENGE));
      return;
    }
    String token = authorization.substring(BEARER.length()).trim();
    Optional<Caller> configured = tokens.findConfigured(token);
    if (configured.isPresent()) {
      next.accept(ctx, configured.get());
      return;
    }
    ctx.request().pause(); // the body must not arrive before somebody reads it
    ConnectionGuard guard = ConnectionGuard.of(ctx.request());
    guard.waitsForLogin(true);
    workers
        .executeBlocking(
            () -> ctx.response().closed() ? Optional.<Caller>empty() : tokens.find(token), false)
        .onComplete(found -> guard.waitsForLogin(false))
        .onSuccess(
            caller -> {
              if (caller.isPresent()) {
                next.accept(ctx, caller.get());
              } else {
                ctx.request().resume();
                log(ctx.request());
                Responses.send(ctx, Problem.of(401, "the token is not valid", CHALLENGE));
              }
            })
        .onFailure(failure -> notLookedUp(ctx, failure));
  }

  /** One line a second at most, or a guesser fills the disk. */
  private void log(HttpServerRequest request) {
    long now = System.nanoTime();
    if (now - logged < NANOS_BETWEEN_LOG_LINES) {
      unlogged++;
      return;
    }
    String address = request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
    LOG.warn("api.login failed address={} othersBefore={}", address, unlogged);
    logged = now;
    unlogged = 0;
  }

  private static void notLookedUp(RoutingContext ctx, Throwable failure) {
    ctx.request().resume();
    LOG.warn("api.login the token cannot be looked up error=\"{}\"", failure.getMessage());
    boolean database = failure instanceof SQLException;
    Responses.send(
        ctx,
        database
            ? Problem.of(503, "the database cannot be asked", Map.of("Retry-After", "1"))
            : Problem.of(500, "something went wrong here; the log of crm-webhooks says what"));
  }
}
