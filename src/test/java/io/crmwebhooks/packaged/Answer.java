package io.crmwebhooks.packaged;

/**
 * The answer of a {@link LoopServer} to a request.
 *
 * @param status 0: nothing is ever sent; negative: the connection is reset
 * @param delayMillis how long the sender waits for it
 */
public record Answer(int status, long delayMillis) {
  public static final Answer OK = new Answer(200, 0);
  public static final Answer ERROR = new Answer(500, 0);
  public static final Answer RESET = new Answer(-1, 0);
  public static final Answer SILENCE = new Answer(0, 0);

  public static Answer okAfter(long millis) {
    return new Answer(200, millis);
  }
}
