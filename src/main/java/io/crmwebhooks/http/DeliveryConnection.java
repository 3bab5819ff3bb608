package io.crmwebhooks.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.io.CloseMode;

/**
 * A connection to a receiver, or to the proxy. It follows three rules. A complete head is the
 * answer, however its body ends. An answer counts even if the request could not be sent as a whole.
 * A connection is used again only if nothing is left unread on it, be it an end. Of one thread at a
 * time, but for {@link #close}.
 */
final class DeliveryConnection extends DefaultBHttpClientConnection
    implements ManagedHttpClientConnection {
  private static final int LARGE = 64 * 1024; // beyond it sending may have to wait for the receiver
  private static final long REST_NANOS = 20_000_000;

  // Heads are the parser's to bound; this is for the lines between chunks, and what follows them.
  private static final Http1Config CHUNK_LIMITS =
      Http1Config.custom().setMaxLineLength(1024).setMaxHeaderCount(16).build();

  private final ResponseParser parser;
  private final AtomicBoolean closed = new AtomicBoolean();
  private DeliveryRequest delivery; // null: a proxy is asked for a tunnel
  private String method;
  private boolean usedBefore;
  private long ended; // by System.nanoTime, the last response
  private IOException unsent; // why the request could not be sent as a whole
  private EarlyAnswer early; // to a large request
  private volatile boolean refused;

  DeliveryConnection() {
    this(new ResponseParser());
  }

  private DeliveryConnection(ResponseParser parser) {
    super(
        CHUNK_LIMITS,
        null,
        null,
        message -> parser.head().bodyLength(parser.unread()),
        null,
        (request, connection, in, sent, next) -> ((DeliveryConnection) connection).refused,
        null,
        config -> parser);
    this.parser = parser;
  }

  @Override
  public void sendRequestHeader(ClassicHttpRequest request) throws HttpException {
    method = request.getMethod();
    unsent = null;
    early = null;
    refused = false;
    delivery = request.getEntity() instanceof DeliveryRequest made ? made : null;
    parser.begin(delivery);
    if (delivery != null) {
      delivery.use(this);
    }
    try {
      super.sendRequestHeader(request);
    } catch (IOException e) {
      unsent = e;
    }
  }

  @Override
  public void sendRequestEntity(ClassicHttpRequest request) throws HttpException {
    HttpEntity entity = request.getEntity();
    if (unsent == null && entity != null) {
      if (entity.getContentLength() > LARGE) {
        early = new EarlyAnswer(this::receiveEarly);
      }
      try {
        super.sendRequestEntity(request);
      } catch (IOException e) {
        unsent = e;
      }
    }
  }

  @Override
  public void flush() {
    if (unsent == null && !refused) {
      try {
        super.flush();
      } catch (IOException e) {
        unsent = e;
      }
    }
  }

  /** On a thread of its own. A refusal unblocks the one that sends. */
  private ClassicHttpResponse receiveEarly() throws IOException, HttpException {
    ClassicHttpResponse response = super.receiveResponseHeader();
    SocketHolder socket = getSocketHolder();
    if (response.getCode() >= HttpStatus.SC_REDIRECTION && socket != null) {
      refused = true;
      DeliveryConnector.endOutput(socket);
    }
    return response;
  }

  @Override
  public ClassicHttpResponse receiveResponseHeader() throws IOException, HttpException {
    ClassicHttpResponse response;
    try {
      response = early == null ? super.receiveResponseHeader() : early.await();
    } catch (IOException e) {
      if (!parser.head().hasBegun() && usedBefore) {
        delivery.foundClosed = true;
      }
      throw cause(e);
    }
    boolean over = response.getCode() == HttpStatus.SC_REQUEST_TIMEOUT;
    if (over && usedBefore && !parser.head().keepsAlive()) {
      delivery.foundClosed = true; // said of the time before this request
      throw new NoHttpResponseException("the receiver had closed the connection");
    }
    if (!MessageSupport.canResponseHaveBody(method, response)) {
      end(response, true);
    }
    return response;
  }

  /** The first failure, unless TLS or half an answer says more. */
  private IOException cause(IOException ofReading) {
    IOException read = named(ofReading);
    return unsent == null || parser.head().hasBegun() || read instanceof SSLException
        ? read
        : named(unsent);
  }

  /** Channels, and TLS over them, say by a text only that the connection has broken. */
  private static IOException named(IOException failure) {
    boolean wrapped = failure instanceof SSLException && failure.getCause() instanceof IOException;
    Throwable cause = wrapped ? failure.getCause() : failure;
    boolean unnamed =
        cause.getClass() == IOException.class || cause instanceof ClosedChannelException;
    return wrapped || unnamed
        ? (IOException) new SocketException(cause.getMessage()).initCause(failure)
        : failure;
  }

  @Override
  public void receiveResponseEntity(ClassicHttpResponse response)
      throws HttpException, IOException {
    super.receiveResponseEntity(response);
    ResponseBody body =
        ResponseBody.read(
            response.getEntity(), delivery == null ? ResponseBody.KEPT : delivery.keptBytes());
    response.setEntity(new ByteArrayEntity(body.beginning(), null));
    end(response, body.whole());
  }

  private void end(ClassicHttpResponse response, boolean whole) throws ProtocolException {
    boolean tunnelled = Method.CONNECT.isSame(method) && response.getCode() == HttpStatus.SC_OK;
    if (tunnelled && parser.unread() == 0) {
      return;
    }
    usedBefore =
        whole
            && unsent == null
            && !refused
            && isConsistent()
            && parser.head().keepsAlive()
            && parser.unread() == 0;
    ended = System.nanoTime();
    if (!usedBefore) {
      close(CloseMode.IMMEDIATE);
    }
    if (tunnelled) {
      throw new ProtocolException("the proxy said more than that the tunnel is made");
    }
  }

  /** Never waits. An end that it does not see has the request go out on a new connection. */
  @Override
  public boolean isStale() {
    boolean rested = System.nanoTime() - ended > REST_NANOS;
    return !isOpen()
        || parser.unread() > 0
        || !DeliveryConnector.isQuiet(getSocketHolder(), rested);
  }

  @Override
  public void bind(Socket socket) throws IOException {
    super.bind(socket);
    stayClosed();
  }

  @Override
  public void bind(SSLSocket tls, Socket socket) throws IOException {
    super.bind(tls, socket);
    stayClosed();
  }

  /** Its attempt may be over while it connects. */
  private void stayClosed() throws IOException {
    if (closed.get()) {
      super.close(CloseMode.IMMEDIATE);
      throw new InterruptedIOException("the connection is closed");
    }
  }

  @Override
  public void close(CloseMode mode) {
    closed.set(true);
    super.close(mode);
  }

  @Override
  public void close() {
    close(CloseMode.GRACEFUL);
  }

  @Override
  public Socket getSocket() {
    SocketHolder holder = getSocketHolder();
    return holder == null ? null : holder.getSocket();
  }

  @Override
  public void passivate() {
    // Nothing is to be done: it has no timeout, since the guard ends attempts.
  }

  @Override
  public void activate() {
    // likewise
  }
}
