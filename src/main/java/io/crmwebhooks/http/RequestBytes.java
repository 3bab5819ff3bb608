package io.crmwebhooks.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

/**
 * The body of a request, which camel-http and the HTTP client send as it is, in pieces. Of the
 * thread that sends it.
 */
abstract class RequestBytes extends AbstractHttpEntity {
  private static final int PIECE = 16 * 1024;

  private final byte[] body;

  /**
   * @param encoding null: it is not compressed
   */
  RequestBytes(byte[] body, String contentType, String encoding) {
    super(contentType, encoding);
    this.body = body;
  }

  /** Notes in words what the attempt does from now on. */
  abstract void enter(String words);

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
