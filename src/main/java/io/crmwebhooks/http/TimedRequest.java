package io.crmwebhooks.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;

/**
 * The body of a request, which camel-http and the HTTP client send as it is, in pieces, until it is
 * cancelled at its deadline. Of the thread that sends it, but for how far it has come, which any
 * thread may ask.
 */
abstract class TimedRequest extends AbstractHttpEntity {
  private static final int PIECE = 16 * 1024;

  private final byte[] body;
  private long deadlineNanos;
  private Cancellable running;
  private volatile String endedWhile;
  private volatile String phase = "connecting";
  private volatile ModalCloseable connection;

  /**
   * @param encoding null: it is not compressed
   */
  TimedRequest(byte[] body, String contentType, String encoding) {
    super(contentType, encoding);
    this.body = body;
  }

  /**
   * Begins the attempt.
   *
   * @param deadline by {@link System#nanoTime}
   */
  final void begin(Cancellable attempt, long deadline) {
    running = attempt;
    deadlineNanos = deadline;
  }

  /** Until the deadline, at least zero. */
  final long nanosLeft() {
    return Math.max(0, deadlineNanos - System.nanoTime());
  }

  /** Cancels the attempt, once, if its deadline is over. */
  final void endAtDeadline(long nowNanos) {
    if (endedWhile == null && nowNanos - deadlineNanos >= 0) {
      endedWhile = phase;
      running.cancel();
    }
  }

  /**
   * The step of the attempt, in words, when its deadline ended it; null: the deadline has not ended
   * it.
   */
  final String endedWhile() {
    return endedWhile;
  }

  /** Notes in words what the attempt does from now on. */
  final void enter(String words) {
    phase = words;
  }

  /** Notes the connection that the attempt is made on; one that has ended already needs none. */
  final void use(ModalCloseable used) {
    connection = used;
    if (endedWhile != null) {
      breakConnection();
    }
  }

  /** Ends whatever the attempt waits for. */
  final void breakConnection() {
    ModalCloseable used = connection;
    if (used != null) {
      used.close(CloseMode.IMMEDIATE);
    }
  }

  /** The bytes that are sent; not to be changed. */
  public final byte[] body() {
    return body;
  }

  @Override
  public final void writeTo(OutputStream out) throws IOException {
    enter("sending the request");
    for (int sent = 0; sent < body.length; sent += PIECE) { // between them an answer is seen
      out.write(body, sent, Math.min(PIECE, body.length - sent));
    }
    out.flush();
    enter("waiting for the response");
  }

  @Override
  public final InputStream getContent() {
    return new ByteArrayInputStream(body);
  }

  @Override
  public final long getContentLength() {
    return body.length;
  }

  @Override
  public final boolean isRepeatable() {
    return true;
  }

  @Override
  public final boolean isStreaming() {
    return false;
  }

  @Override
  public final void close() {
    // holds nothing
  }
}
