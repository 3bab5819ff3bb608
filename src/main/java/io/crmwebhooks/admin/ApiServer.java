package io.crmwebhooks.admin;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.NetServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.Service;
import org.apache.camel.component.platform.http.main.DefaultMainHttpServerFactory;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.apache.camel.main.MainHttpServerFactory;

/**
 * Camel's HTTP server with the {@link Gate} before all routes and {@link Connections} before the
 * gate. It speaks HTTP/1.1 only. One thread accepts, reads and writes, so that no burst of
 * connections is accepted ahead of its bound. Blocking work runs on workers.
 */
public final class ApiServer extends VertxPlatformHttpServer {
  private static final int LOGIN_WORKERS = 2;
  private static final int LONGEST_LINE = 8192;
  private static final int LARGEST_HEAD = 16_384;
  private static final int RECEIVE_BUFFER = 65_536;
  private static final int SEND_BUFFER = 131_072;
  private static final int BACKLOG = 1024;
  private static final long SECONDS_TO_LISTEN_OR_END = 10;
  private static final long MILLIS_BETWEEN_LOOKS = 250;

  private final VertxPlatformHttpServerConfiguration configuration;
  private final Contract contract;
  private final Tokens tokens;
  private final Settings settings;
  private final boolean shared;
  private HttpServer server;

  private ApiServer(
      VertxPlatformHttpServerConfiguration configuration,
      Contract contract,
      Tokens tokens,
      Settings settings,
      boolean shared) {
    super(configuration);
    this.configuration = configuration;
    this.contract = contract;
    this.tokens = tokens;
    this.settings = settings;
    this.shared = shared;
  }

  /**
   * Camel's HTTP server would only log that its port is taken.
   *
   * @throws StartupException when it is
   */
  public static void checkPort(Settings settings) {
    String host = settings.text("webhooks.http.host");
    int port = settings.integer("webhooks.http.port");
    try {
      new ServerSocket(port, 1, InetAddress.getByName(host)).close();
    } catch (UnknownHostException e) {
      throw new StartupException("webhooks.http.host=" + host + " is not known", e);
    } catch (IOException e) {
      throw new StartupException(
          "webhooks.http.port=" + port + " cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * Has Camel take this server for its own, and binds the beans that its routes name; to be called
   * before the context is configured.
   *
   * @param shared whether another server may listen on its port, too
   */
  public static void prepare(
      CamelContext context, Api api, Tokens tokens, Settings settings, boolean shared) {
    context.getRegistry().bind("api", new ApiProcessor(api));
    context.getRegistry().bind("consoleFiles", new ConsoleFiles());
    context
        .getRegistry()
        .bind(
            MainHttpServerFactory.class.getName(),
            new DefaultMainHttpServerFactory() {
              @Override
              public Service newHttpServer(
                  CamelContext camel, HttpServerConfigurationProperties properties) {
                VertxPlatformHttpServerConfiguration configuration =
                    new VertxPlatformHttpServerConfiguration();
                configuration.setBindHost(properties.getHost());
                configuration.setBindPort(properties.getPort());
                configuration.setMaxBodySize(properties.getMaxBodySize());
                configuration.getBodyHandler().setHandleFileUploads(false);
                return new ApiServer(configuration, api.contract(), tokens, settings, shared);
              }
            });
  }

  public static ApiServer of(CamelContext context) {
    return context.hasService(ApiServer.class);
  }

  /** Without a folder for files that it would serve, which a killed process leaves behind. */
  @Override
  protected Vertx createVertxInstance() {
    VertxOptions options =
        new VertxOptions()
            .setEventLoopPoolSize(1)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setClassPathResolvingEnabled(false)
                    .setFileCachingEnabled(false));
    return new VertxBuilder(options).findTransport(new OneLoop()).init().vertx();
  }

  @Override
  protected void startServer() throws Exception {
    HttpServerOptions options = options().setReusePort(shared);
    Connections connections =
        new Connections(
            options,
            settings.integer("webhooks.http.connections"),
            settings.duration("webhooks.http.timeout"));
    VertxPlatformHttpRouter routes =
        VertxPlatformHttpRouter.lookup(
            getCamelContext(),
            VertxPlatformHttpRouter.getRouterNameFromPort(getConfigurationPort()));
    new Gate(
            contract,
            tokens,
            getVertx().createSharedWorkerExecutor("api-login", LOGIN_WORKERS),
            settings.integer("webhooks.api.concurrency"),
            configuration.getMaxBodySize())
        .guard(routes);
    getVertx().setPeriodic(MILLIS_BETWEEN_LOOKS, timer -> connections.closeOverdue());
    server =
        getVertx()
            .createHttpServer(options)
            .connectionHandler(connections::add)
            .invalidRequestHandler(Responses::refuseUnread)
            .requestHandler(routes);
    await(server.listen(configuration.getBindPort(), configuration.getBindHost()));
  }

  private static HttpServerOptions options() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHttp2ClearTextEnabled(false)
            .setMaxInitialLineLength(LONGEST_LINE)
            .setMaxHeaderSize(LARGEST_HEAD);
    options.setReceiveBufferSize(RECEIVE_BUFFER);
    options.setSendBufferSize(SEND_BUFFER);
    options.setAcceptBacklog(BACKLOG);
    return options;
  }

  @Override
  protected void stopServer() {
    if (server != null) {
      endQuietly(server.close());
      server = null;
    }
  }

  @Override
  protected void stopVertx() {
    if (getVertx() != null) { // null: it has not started
      endQuietly(getVertx().close());
    }
  }

  private static void await(io.vertx.core.Future<?> future) throws Exception {
    try {
      future
          .toCompletionStage()
          .toCompletableFuture()
          .get(SECONDS_TO_LISTEN_OR_END, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static void endQuietly(io.vertx.core.Future<?> future) {
    try {
      await(future);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      // the rest ends with the process
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server does not stop", e);
    }
  }

  @Override
  public HttpServer getServer() {
    return server;
  }

  /** The port that the server listens on, whatever was asked for. */
  @Override
  public int getPort() {
    return server == null ? getConfigurationPort() : server.actualPort();
  }

  /** Accepts on the thread that serves, and may share its port, which else Netty's own can. */
  private static final class OneLoop extends JDKTransport {
    private EventLoopGroup only;

    @Override
    public void configure(
        NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
      super.configure(options, domainSocket, bootstrap);
      if (options.isReusePort()) {
        bootstrap.option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
      }
    }

    @Override
    public synchronized EventLoopGroup eventLoopGroup(
        int type, int threads, ThreadFactory factory, int ioRatio) {
      if (only == null) {
        only = super.eventLoopGroup(type, 1, factory, ioRatio);
      }
      return only;
    }
  }
}
