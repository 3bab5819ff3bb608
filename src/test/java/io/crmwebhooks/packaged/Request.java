package io.crmwebhooks.packaged;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A request as it came; header names in lower case. */
public record Request(String path, Map<String, String> headers, byte[] body) {

  public String header(String name) {
    return headers.get(name);
  }

  /**
   * Reads a request from the bytes that have arrived so far on a connection.
   *
   * @return null while it is not complete
   */
  static Request parse(ByteBuffer arrived) {
    byte[] bytes = arrived.array();
    int head = endOfHead(bytes, arrived.position());
    if (head < 0) {
      return null;
    }
    String[] lines = new String(bytes, 0, head, StandardCharsets.ISO_8859_1).split("\r\n");
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).trim());
    }
    int start = head + 4;
    int end = start + Integer.parseInt(headers.getOrDefault("content-length", "0"));
    if (arrived.position() < end) {
      return null;
    }
    return new Request(lines[0].split(" ")[1], headers, Arrays.copyOfRange(bytes, start, end));
  }

  private static int endOfHead(byte[] bytes, int length) {
    for (int i = 3; i < length; i++) {
      if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
        return i - 3;
      }
    }
    return -1;
  }
}
