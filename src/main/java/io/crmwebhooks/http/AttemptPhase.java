package io.crmwebhooks.http;

import org.apache.hc.core5.io.CloseMode;

/**
 * How far an attempt has come, in words, for whoever ends it at its deadline. The parts of the HTTP
 * client say so on the thread that makes the attempt; any thread may read it.
 */
final class AttemptPhase implements AutoCloseable {
  private static final ThreadLocal<AttemptPhase> CURRENT = new ThreadLocal<>();

  private final long deadlineNanos;
  private volatile String words = "connecting";
  private volatile DeliveryConnection connection;
  // Of the thread that makes the attempt only.
  private boolean askedForCertificate;
  private boolean foundClosed;
  private boolean wantsFresh;

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

  /** Notes the connection that the attempt of this thread is made on. */
  static void use(DeliveryConnection connection) {
    AttemptPhase phase = CURRENT.get();
    if (phase != null) {
      phase.connection = connection;
    }
  }

  /** Ends whatever the attempt waits for. */
  void breakConnection() {
    DeliveryConnection used = connection;
    if (used != null) {
      used.close(CloseMode.IMMEDIATE);
    }
  }

  /** Notes that a kept-alive connection had ended before the first byte of an answer. */
  static void foundClosed() {
    AttemptPhase phase = CURRENT.get();
    if (phase != null) {
      phase.foundClosed = true;
    }
  }

  /**
   * Has what follows of this attempt use a new connection, if it found a closed one.
   *
   * @return whether it did, and this is the first time that it is asked for
   */
  boolean insistOnFresh() {
    boolean first = foundClosed && !wantsFresh;
    wantsFresh |= first;
    return first;
  }

  /** Whether the attempt of this thread insists on a new connection. */
  static boolean wantsFresh() {
    AttemptPhase phase = CURRENT.get();
    return phase != null && phase.wantsFresh;
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
