package io.crmwebhooks.jq;

/**
 * Bounds what the programs of many webhooks do for one change, of which each alone may do much.
 * When it is used up, a program may still do a little, which is enough for a plain one. It holds
 * for the runs of the thread that has opened it, until that closes it. Used by one thread.
 */
public final class Allowance implements AutoCloseable {
  /** Of all programs together. */
  private static final long UNITS = 2_000_000;

  /** Of each program, however much those before it have done. */
  private static final long FEW = 1_000;

  private static final ThreadLocal<Allowance> OPEN = new ThreadLocal<>();

  private long left = UNITS;

  private Allowance() {}

  /** Begins one for the runs on this thread. */
  public static Allowance open() {
    Allowance allowance = new Allowance();
    OPEN.set(allowance);
    return allowance;
  }

  /** The one that is open on this thread, or null. */
  static Allowance current() {
    return OPEN.get();
  }

  /** The most that the next run may do. */
  long forOne() {
    return Math.max(FEW, left);
  }

  void take(long units) {
    left -= units;
  }

  @Override
  public void close() {
    OPEN.remove();
  }
}
