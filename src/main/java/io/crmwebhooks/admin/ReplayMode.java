package io.crmwebhooks.admin;

import java.util.Locale;

/** Which of the changes that match a replay owes again. */
public enum ReplayMode {
  /**
   * Those that the webhook has no delivery of: it was not there, or disabled, when they were
   * dispatched.
   */
  MISSING,
  /** Those of which it has only dead and cancelled deliveries; these are made pending again. */
  FAILED,
  /** All of them, also what has arrived. */
  ALL;

  /** As in JSON and SQL. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return key();
  }

  /**
   * @throws IllegalArgumentException naming the modes
   */
  public static ReplayMode of(String key) {
    for (ReplayMode mode : values()) {
      if (mode.key().equals(key)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("must be missing, failed or all");
  }
}
