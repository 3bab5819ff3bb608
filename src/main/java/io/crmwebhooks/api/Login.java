package io.crmwebhooks.api;

import io.netty.util.NetUtil;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out who calls. Failed logins are slowed down and hold up nobody else. Runs on the HTTP
 * server's event loop and never blocks it; tokens are looked up by a worker. Thread-safe.
 */
final class Login {
  private static final Logger LOG = LoggerFactory.getLogger(Login.class);
  private static final String BEARER = "bearer ";
  private static final Map<String, String> CHALLENGE =
      Map.of("WWW-Authenticate", "Bearer realm=\"crm-webhooks\"");

  private final Tokens tokens;
  private final LoginThrottle throttle;
  private final WorkerExecutor workers;
  private final Slots inProgress;
  private final BiConsumer<RoutingContext, Caller> next;

  /**
   * @param workers look tokens up
   * @param inProgress the requests that are being answered
   * @param next takes a request with its caller
   */
  Login(
      Tokens tokens,
      LoginThrottle throttle,
      WorkerExecutor workers,
      Slots inProgress,
      BiConsumer<RoutingContext, Caller> next) {
    this.tokens = tokens;
    this.throttle = throttle;
    this.workers = workers;
    this.inProgress = inProgress;
    this.next = next;
  }

  /**
   * A token that was right before takes its place among the requests in progress at once, any other
   * when it has proven right: until then it waits in a line of its own.
   */
  void login(RoutingContext ctx, String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      ProblemResponse.send(
          ctx, Problem.of(401, "a token is needed: Authorization: Bearer …", CHALLENGE));
      return;
    }
    String token = authorization.substring(BEARER.length()).trim();
    String hash = Tokens.hash(token);
    String address = addressOf(ctx.request());
    boolean known = throttle.knows(hash);
    if (!known && !throttle.admits(address)) {
      ProblemResponse.send(
          ctx,
          Problem.of(429, "too many failed logins from this address", Map.of("Retry-After", "5")));
      return;
    }
    Optional<Runnable> slot = known ? slot(ctx) : Optional.of(() -> throttle.answered(address));
    if (slot.isEmpty()) {
      return;
    }
    Runnable leave = slot.get();
    ctx.request().pause(); // the body must not arrive before somebody reads it
    workers
        .executeBlocking(() -> tokens.find(token), false)
        .onSuccess(
            caller -> {
              if (caller.isPresent()) {
                throttle.succeeded(hash);
                loggedIn(ctx, caller.get(), known, leave);
              } else {
                if (known) { // revoked meanwhile
                  leave.run();
                }
                refuseLater(ctx, address, throttle.failed(address, hash), known ? () -> {} : leave);
              }
            })
        .onFailure(
            failure -> {
              leave.run();
              notLookedUp(ctx, failure);
            });
  }

  /** A place among the requests in progress until this one is answered; refused without one. */
  private Optional<Runnable> slot(RoutingContext ctx) {
    Optional<Runnable> slot = inProgress.take();
    if (slot.isPresent()) {
      ctx.addEndHandler(end -> slot.get().run());
    } else {
      ProblemResponse.send(
          ctx, Problem.of(503, "too many requests are in progress", Map.of("Retry-After", "1")));
    }
    return slot;
  }

  private void refuseLater(RoutingContext ctx, String address, long millis, Runnable answered) {
    LOG.warn("api.login failed address={} answered={}ms", address, millis);
    ctx.vertx()
        .setTimer(
            millis,
            timer -> {
              answered.run();
              ctx.request().resume();
              ProblemResponse.send(ctx, Problem.of(401, "the token is not valid", CHALLENGE));
            });
  }

  private void loggedIn(RoutingContext ctx, Caller caller, boolean hasSlot, Runnable leave) {
    ctx.request().resume();
    if (!hasSlot) {
      leave.run();
      if (slot(ctx).isEmpty()) {
        return;
      }
    }
    next.accept(ctx, caller);
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
}
