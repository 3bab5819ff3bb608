package io.crmwebhooks.pipeline;

import java.time.Duration;

/** Where the changes of a batch come from when that is a log. For the thread that reads it only. */
public interface ChangeLog {
  /** How long the changes are this process's own from when it last knew that they are. */
  Duration lease();

  /** Since when it has known that they are, as {@link System#nanoTime}. */
  long ownSince();

  /**
   * Asks whether they still are.
   *
   * @return false: others may have them
   * @throws RuntimeException when nobody can say
   */
  boolean confirm();
}
