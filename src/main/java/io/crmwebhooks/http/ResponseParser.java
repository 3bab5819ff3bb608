package io.crmwebhooks.http;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.SessionInputBuffer;

/** Reads the heads of one connection's responses, one after the other. Not thread-safe. */
final class ResponseParser implements HttpMessageParser<ClassicHttpResponse> {
  private SessionInputBuffer buffer;
  private DeliveryRequest delivery; // null: a proxy is asked for a tunnel
  private ResponseHead head = new ResponseHead(false);

  /**
   * Another response is awaited.
   *
   * @param request that it answers; null: it asks a proxy for a tunnel
   */
  void begin(DeliveryRequest request) {
    delivery = request;
    head = new ResponseHead(request != null && request.isWatched());
  }

  /** The head of the response that is read, or was read last. */
  ResponseHead head() {
    return head;
  }

  /** Bytes that have been read of the connection, and belong to no response yet. */
  int unread() {
    return buffer == null ? 0 : buffer.length();
  }

  /**
   * @return null when the connection ends before the first byte
   * @throws ConnectionClosedException when it ends within the head
   */
  @Override
  public ClassicHttpResponse parse(SessionInputBuffer from, InputStream in)
      throws IOException, HttpException {
    buffer = from;
    while (!head.isComplete()) {
      int next = from.read(in);
      if (next < 0) {
        if (!head.hasBegun()) {
          return null;
        }
        throw new ConnectionClosedException("the connection ended within the head");
      }
      if (!head.hasBegun() && delivery != null) {
        delivery.enter("reading the response");
      }
      head.take(next, from.length() == 0);
    }
    ClassicHttpResponse response = head.toResponse();
    if (response.getCode() == HttpStatus.SC_SWITCHING_PROTOCOLS) {
      throw new ProtocolException("HTTP 101, another protocol, which nobody has asked for");
    }
    return response;
  }
}
