package io.crmwebhooks.admin;

import java.util.Locale;

/**
 * What became of a change at a webhook that it was owed to; the names are those of {@code
 * account-changes.sql}.
 */
public enum Fate {
  DELIVERED,
  PENDING,
  DEAD,
  CANCELLED,
  /** Not dispatched yet. */
  QUEUED,
  /** Could not be dispatched; the reason is in {@code parked_change}. */
  PARKED,
  /** The customise route did not want it sent. */
  DROPPED,
  /** The webhook was disabled, deleted or edited before it was dispatched. */
  UNSERVED,
  /** Nothing of the above: it has been lost. */
  GAP;

  /** As in JSON and SQL. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
