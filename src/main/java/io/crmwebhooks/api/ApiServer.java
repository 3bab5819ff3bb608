package io.crmwebhooks.api;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.ext.web.Router;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.support.service.ServiceSupport;

/**
 * Puts the {@link Gate} before the routes of Camel's HTTP server. As a service of the context,
 * added behind the server, it starts when that is there and none of the REST routes is yet.
 */
public final class ApiServer extends ServiceSupport {
  private static final int LOGIN_WORKERS = 2;

  private final CamelContext context;
  private final Contract contract;
  private final Tokens tokens;
  private final int limit;

  private ApiServer(CamelContext context, Contract contract, Tokens tokens, int limit) {
    this.context = context;
    this.contract = contract;
    this.tokens = tokens;
    this.limit = limit;
  }

  /**
   * Has the API guarded from the start of the context on; to be called after it is configured.
   *
   * @param limit requests in progress, beyond which more are refused
   */
  public static void add(CamelContext context, Contract contract, Tokens tokens, int limit) {
    try {
      context.addService(new ApiServer(context, contract, tokens, limit));
    } catch (Exception e) {
      throw new IllegalStateException("the API cannot be guarded", e);
    }
  }

  /**
   * Spares the server the folder for files that it would serve, which a killed process leaves
   * behind; to be called before the context is configured.
   */
  public static void prepare(CamelContext context) {
    FileSystemOptions files =
        new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false);
    context
        .getRegistry()
        .bind(VertxOptions.class.getName(), new VertxOptions().setFileSystemOptions(files));
  }

  public static ApiServer of(CamelContext context) {
    return context.hasService(ApiServer.class);
  }

  @Override
  protected void doStart() {
    VertxPlatformHttpRouter routes = router();
    Vertx vertx = routes.vertx();
    Gate gate =
        new Gate(
            contract,
            tokens,
            new LoginThrottle(System::nanoTime),
            vertx.createSharedWorkerExecutor("api-login", LOGIN_WORKERS),
            limit);
    gate.guard(routes, (Router) routes.getServer().getServer().requestHandler());
  }

  /** The port that the server listens on, whatever was asked for. */
  public int port() {
    return router().getServer().getServer().actualPort();
  }

  private VertxPlatformHttpRouter router() {
    return context.getRegistry().findByType(VertxPlatformHttpRouter.class).iterator().next();
  }
}
