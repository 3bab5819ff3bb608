package io.crmwebhooks.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.hc.core5.http.HttpEntity;

/**
 * The part of a response's body that is read: all of a short one. Only its beginning is kept. That
 * it breaks off makes no difference but to its connection, since the head has said it all.
 *
 * @param whole whether it was read to its end
 */
record ResponseBody(byte[] beginning, boolean whole) {
  /** A longer one is cut here, and ends its connection. */
  static final int LIMIT = 16 * 1024;

  /** Of the answer to a delivery. */
  static final int KEPT = FailureReason.RESPONSE_BYTES + 3; // up to a whole character

  private static final int PIECE = 1024;

  /**
   * @param kept how much of it is kept
   */
  static ResponseBody read(HttpEntity entity, int kept) {
    long announced = entity.getContentLength(); // -1: it is not
    int limit = announced > LIMIT ? kept : LIMIT;
    byte[] beginning = new byte[announced < 0 ? PIECE : (int) Math.min(announced, kept)];
    byte[] rest = null;
    int length = 0;
    int read = 0;
    try {
      InputStream content = entity.getContent();
      for (int total = 0; total <= limit && read >= 0; total += Math.max(read, 0)) {
        if (length == beginning.length && length < kept && announced < 0) {
          beginning = Arrays.copyOf(beginning, Math.min(2 * length, kept));
        }
        if (length < beginning.length) {
          read = content.read(beginning, length, beginning.length - length);
          length += Math.max(read, 0);
        } else {
          rest = rest == null ? new byte[PIECE] : rest;
          read = content.read(rest, 0, Math.min(PIECE, limit + 1 - total));
        }
      }
    } catch (IOException e) {
      read = 0; // not whole
    }
    return new ResponseBody(Arrays.copyOf(beginning, length), read < 0);
  }
}
