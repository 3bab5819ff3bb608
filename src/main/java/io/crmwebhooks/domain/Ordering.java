package io.crmwebhooks.domain;

/**
 * What a webhook asks for of the deliveries of one record.
 *
 * @param byRecord they are sent in the order of their commits, one at a time
 * @param supersede an update that waits is cancelled when a newer one of its record is there
 */
public record Ordering(boolean byRecord, boolean supersede) {
  public static final Ordering NONE = new Ordering(false, false);

  /** Whether it matters at all of which record a delivery is. */
  public boolean asksForRecord() {
    return byRecord || supersede;
  }
}
