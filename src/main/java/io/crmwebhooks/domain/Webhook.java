package io.crmwebhooks.domain;

import java.util.List;
import java.util.UUID;

/** A subscription as the pipeline uses it. Immutable. */
public final class Webhook {
  private final UUID id;
  private final String hexId;
  private final String workspace;
  private final List<String> eventPatterns;
  private final Limits limits;
  private final Ordering ordering;
  private final Destination destination;

  /**
   * The order that a webhook asks for among the deliveries of one record.
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

  /**
   * Where a webhook is sent, and how: made once a load by the sender, which alone knows more about
   * it. Immutable; {@code toString} holds no secret.
   */
  public interface Destination {
    /** As it was stored. */
    String url();
  }

  public Webhook(
      UUID id,
      String workspace,
      List<String> eventPatterns,
      Limits limits,
      Ordering ordering,
      Destination destination) {
    this.id = id;
    this.hexId = id.toString().replace("-", "");
    this.workspace = workspace;
    this.eventPatterns = List.copyOf(eventPatterns);
    this.limits = limits;
    this.ordering = ordering;
    this.destination = destination;
  }

  public UUID id() {
    return id;
  }

  /** The id in 32 hex digits, as the ids of deliveries hold it. */
  public String hexId() {
    return hexId;
  }

  public String workspace() {
    return workspace;
  }

  /** Which events it is subscribed to. */
  public List<String> eventPatterns() {
    return eventPatterns;
  }

  public int concurrency() {
    return limits.concurrency();
  }

  public Limits limits() {
    return limits;
  }

  /** The order in which it asks for the deliveries of one record. */
  public Ordering ordering() {
    return ordering;
  }

  public Destination destination() {
    return destination;
  }

  @Override
  public String toString() {
    return "webhook " + id + " to " + destination.url();
  }
}
