package io.crmwebhooks.admin;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Bounds what one connection may hold. It stands between the decoder and the HTTP server and lets
 * one request through at a time. It reads nothing more until the answer is with the operating
 * system. An answer that comes before the whole request ends the connection. Used by the event loop
 * only.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
  /** The number of requests that a client may send ahead; one read can hold thousands. */
  private static final int MOST_AHEAD = 8;

  /** The wait of a connection; the first of these is given up first. */
  enum Phase {
    /** The head of a request, also between two of them. */
    HEAD,
    /** The client must take the end of an answer and go; its further bytes are thrown away. */
    LEAVING,
    /** The rest of a request. */
    BODY,
    /** The client, to read the answer. */
    ANSWER,
    /** This program. */
    WORK
  }

  /** Who has all connections. */
  interface Keeper {
    void remove(ConnectionGuard guard);

    /** Makes unread answers fit into memory; the latest stays, since it has had no time yet. */
    void boundUnread(ConnectionGuard latest);
  }

  private final Keeper all;
  private final Queue<Object> ahead = new ArrayDeque<>();
  private ChannelHandlerContext context;
  private Phase phase = Phase.HEAD;
  private long since = System.nanoTime();
  private int requestsAhead;
  private boolean tooManyAhead;
  private boolean waitsForLogin;
  private boolean whole;
  private boolean answering;
  private boolean last;

  ConnectionGuard(Keeper all) {
    this.all = all;
  }

  static ConnectionGuard of(HttpServerRequest request) {
    return ((ConnectionBase) request.connection()).channel().pipeline().get(ConnectionGuard.class);
  }

  /** While it is not known who asks, a request is worth no more than the half of one. */
  Phase phase() {
    return phase == Phase.WORK && waitsForLogin ? Phase.BODY : phase;
  }

  void waitsForLogin(boolean waits) {
    waitsForLogin = waits;
  }

  /** When the phase began, as {@link System#nanoTime}. */
  long since() {
    return since;
  }

  /** Bytes of answers that the client has not read. */
  long unread() {
    ChannelOutboundBuffer waiting = context.channel().unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  void close() {
    last = true;
    context.channel().unsafe().close(context.channel().unsafe().voidPromise());
  }

  private void enter(Phase next) {
    phase = next;
    since = System.nanoTime();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    all.remove(this);
    ahead.forEach(ReferenceCountUtil::release);
    ahead.clear();
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!readsOn() && message instanceof HttpRequest && ++requestsAhead > MOST_AHEAD) {
      tooManyAhead = true;
    }
    if (last || tooManyAhead || phase == Phase.LEAVING) {
      ReferenceCountUtil.release(message);
    } else if (!readsOn()) {
      ahead.add(message);
      ctx.channel().config().setAutoRead(false);
    } else {
      pass(ctx, message);
    }
  }

  private void pass(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest request) {
      whole = request.decoderResult().isSuccess() && !hasBody(request);
      answering = false;
      enter(Phase.BODY);
    } else if (message instanceof HttpContent content && content.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      refuse(ctx);
      return;
    }
    if (message instanceof LastHttpContent && !(message instanceof HttpRequest)) {
      whole = true;
      if (phase == Phase.BODY) {
        enter(Phase.WORK);
        ctx.channel().config().setAutoRead(false);
      }
    }
    ctx.fireChannelRead(message);
  }

  private static boolean hasBody(HttpRequest request) {
    return HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0) > 0;
  }

  /** Where a body begins and ends cannot be told, so nothing behind it can be read either. */
  private void refuse(ChannelHandlerContext ctx) {
    if (answering) {
      close();
      return;
    }
    Problem problem = Problem.of(400, "the body cannot be read");
    write(ctx, Responses.of(problem), ctx.newPromise());
    ctx.flush();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ChannelPromise done = promise;
    if (message instanceof HttpResponse response
        && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
      answering = true;
      enter(Phase.ANSWER);
      if (!whole) {
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        last = true;
      }
    }
    if (answering && message instanceof LastHttpContent) {
      done = promise.unvoid();
      done.addListener(sent -> answered(ctx));
    }
    ctx.write(message, done);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    ctx.flush();
    if (unread() > 0) {
      all.boundUnread(this);
    }
  }

  private void answered(ChannelHandlerContext ctx) {
    if (last) {
      leave(ctx);
    } else if (ctx.channel().isActive()) {
      enter(Phase.HEAD);
      goOn(ctx);
    }
  }

  private void goOn(ChannelHandlerContext ctx) {
    boolean passed = false;
    while (readsOn() && !ahead.isEmpty()) {
      Object next = ahead.poll();
      if (next instanceof HttpRequest) {
        requestsAhead--;
      }
      pass(ctx, next);
      passed = true;
    }
    if (passed) {
      ctx.fireChannelReadComplete(); // the server sends its answer then
    }
    if (readsOn() && tooManyAhead) {
      leave(ctx);
    } else if (readsOn()) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  private boolean readsOn() {
    return phase == Phase.HEAD || phase == Phase.BODY;
  }

  /**
   * Ends this side only and reads on for a moment. Closing with bytes unread would reset the
   * connection and take the answer from the client.
   */
  private void leave(ChannelHandlerContext ctx) {
    if (phase != Phase.LEAVING && ctx.channel().isActive()) {
      enter(Phase.LEAVING);
      ((SocketChannel) ctx.channel()).shutdownOutput();
      ctx.channel().config().setAutoRead(true);
    }
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (last && ctx.channel().isActive()) {
      leave(ctx);
      ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
    } else {
      ctx.close(promise);
    }
  }
}
