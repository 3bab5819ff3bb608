package io.crmwebhooks.deliver;

/**
 * How far an attempt has come, in words, for whoever ends it at its deadline. The parts of the HTTP
 * client say so on the thread that makes the attempt; any thread may read it.
 */
final class AttemptPhase implements AutoCloseable {
  private static final ThreadLocal<AttemptPhase> CURRENT = new ThreadLocal<>();

  private final long deadlineNanos;
  private volatile String words = "connecting";
  private boolean askedForCertificate; // of the thread that makes the attempt only

  private AttemptPhase(long deadlineNanos) {
    this.deadlineNanos = deadlineNanos;
  }

  /**
   * Begins an attempt on this thread, until it is closed.
   *
   * @param deadlineNanos by {@link System#nanoTime}
   */
  static AttemptPhase begin(long deadlineNanos) {
    AttemptPhase phase = new AttemptPhase(deadlineNanos);
    CURRENT.set(phase);
    return phase;
  }

  /** Notes what the attempt of this thread, if there is one, does from now on. */
  static void enter(String words) {
    AttemptPhase phase = CURRENT.get();
    if (phase != null) {
      phase.words = words;
    }
  }

  /** Notes whether the receiver asked for a client certificate on the connection just made. */
  static void madeTls(boolean asked) {
    AttemptPhase phase = CURRENT.get();
    if (phase != null) {
      phase.askedForCertificate = asked;
    }
  }

  /** Whether this attempt made a connection, and the receiver asked for a client certificate. */
  boolean hasBeenAskedForCertificate() {
    return askedForCertificate;
  }

  /** Until the deadline of the attempt of this thread, at least zero; for ever without one. */
  static long nanosLeft() {
    AttemptPhase phase = CURRENT.get();
    return phase == null
        ? Long.MAX_VALUE / 2
        : Math.max(0, phase.deadlineNanos - System.nanoTime());
  }

  boolean isOver(long nowNanos) {
    return nowNanos - deadlineNanos >= 0;
  }

  @Override
  public String toString() {
    return words;
  }

  @Override
  public void close() {
    CURRENT.remove();
  }
}
