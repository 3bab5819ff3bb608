package io.crmwebhooks.packaged;

import java.nio.charset.StandardCharsets;

/**
 * The answer of a {@link LoopServer} to a request.
 *
 * @param status 0: nothing is ever sent; negative: the connection is reset
 * @param delayMillis how long the sender waits for it
 * @param body ASCII
 */
public record Answer(int status, long delayMillis, String body) {
  public static final Answer OK = new Answer(200, 0);
  public static final Answer ERROR = new Answer(500, 0);
  public static final Answer RESET = new Answer(-1, 0);
  public static final Answer SILENCE = new Answer(0, 0);

  public Answer(int status, long delayMillis) {
    this(status, delayMillis, "");
  }

  public static Answer okAfter(long millis) {
    return new Answer(200, millis);
  }

  /** As HTTP has it. */
  public byte[] bytes() {
    return "HTTP/1.1 %d -\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(status, body.length(), body)
        .getBytes(StandardCharsets.US_ASCII);
  }
}
