package io.crmwebhooks.domain;

import io.crmwebhooks.pipeline.Batch;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.camel.Exchange;

/**
 * One change owed to one webhook, while this process works on it. It is sent by one thread at a
 * time; whoever holds it may read it.
 */
public final class Delivery {
  /** The exchange property under which the routes carry it. */
  public static final String PROPERTY = "delivery";

  /**
   * What happened to a delivery before this process took it.
   *
   * @param scheduleFrom attempts before the retry schedule began anew; 0: it did not
   * @param replayed whether a replay has made it pending
   * @param probe whether it was taken to find out how a paused endpoint fares
   */
  public record History(int attempts, int scheduleFrom, boolean replayed, boolean probe) {
    public static final History NONE = new History(0, 0, false, false);
  }

  private final String id;
  private final long changeId;
  private final long epoch;
  private final String event;
  private final String recordId;
  private final Webhook webhook;
  private final byte[] body;
  private final boolean customised;
  private final History history;
  private final Batch batch;
  private volatile Instant occurredAt;
  private volatile Instant startedAt;
  private volatile long startedNanos;

  private Delivery(
      String id,
      long changeId,
      long epoch,
      String event,
      String recordId,
      Webhook webhook,
      byte[] body,
      boolean customised,
      History history,
      Batch batch) {
    this.id = id;
    this.changeId = changeId;
    this.epoch = epoch;
    this.event = event;
    this.recordId = recordId;
    this.webhook = webhook;
    this.body = body;
    this.customised = customised;
    this.history = history;
    this.batch = batch;
  }

  /**
   * A delivery of a batch, not yet in the database.
   *
   * @param epoch of the change
   */
  public static Delivery first(
      long changeId,
      long epoch,
      String event,
      String recordId,
      Webhook webhook,
      byte[] body,
      boolean customised,
      Batch batch) {
    return new Delivery(
        id(changeId, epoch, webhook),
        changeId,
        epoch,
        event,
        recordId,
        webhook,
        body,
        customised,
        History.NONE,
        batch);
  }

  /** A pending delivery that has been claimed. */
  public static Delivery again(
      String id, long changeId, String event, Webhook webhook, byte[] body, History history) {
    return new Delivery(id, changeId, 0, event, null, webhook, body, false, history, null);
  }

  /**
   * The webhook-id, which is also the key of the row: the same for a change and a webhook whoever
   * computes it, here or in the generated column {@code webhooks.delivery.id}.
   */
  static String id(long changeId, long epoch, Webhook webhook) {
    String hex = Long.toHexString(changeId);
    return "msg_" + "0".repeat(16 - hex.length()) + hex + webhook.hexId() + Long.toHexString(epoch);
  }

  /** The delivery that an exchange of the deliver routes is about. */
  public static Delivery of(Exchange exchange) {
    return exchange.getProperty(PROPERTY, Delivery.class);
  }

  /** Says when its change was made, for the metrics. */
  public Delivery occurredAt(Instant time) {
    occurredAt = time;
    return this;
  }

  /** When its change was made; null: nobody has said so. */
  public Instant occurredAt() {
    return occurredAt;
  }

  /** Stamps the start of an attempt. */
  public void begin(Instant now, long nanos) {
    startedAt = now;
    startedNanos = nanos;
  }

  public Instant startedAt() {
    return startedAt;
  }

  /** Milliseconds since the attempt began. */
  public long elapsedMillis() {
    return (System.nanoTime() - startedNanos) / 1_000_000;
  }

  public String id() {
    return id;
  }

  public long changeId() {
    return changeId;
  }

  /** When its change was captured, which its id tells too; of a delivery of a batch only. */
  public long epoch() {
    return epoch;
  }

  public String event() {
    return event;
  }

  public Webhook webhook() {
    return webhook;
  }

  /**
   * The record, where its webhook asks for the order or for the newest update of each; else null,
   * and for a change that names none.
   */
  public String recordToKeep() {
    return webhook.ordering().asksForRecord() ? recordId : null;
  }

  /** Whether it must not overtake earlier changes of its record. */
  public boolean isInOrder() {
    return webhook.ordering().byRecord() && recordId != null;
  }

  /** Whether it replaces older updates of its record. */
  public boolean supersedes() {
    return webhook.ordering().supersede() && recordId != null && event.endsWith(".updated");
  }

  public String object() {
    return event.substring(0, event.indexOf('.'));
  }

  /** The body exactly as it is sent and signed. */
  public byte[] body() {
    return body;
  }

  /**
   * The body, where it does not follow from the change and must be kept, for later attempts and to
   * be looked at; else null.
   */
  public String bodyToKeep() {
    return customised ? new String(body, StandardCharsets.UTF_8) : null;
  }

  /** The number of the attempt being made, from 1. */
  public int attemptNumber() {
    return history.attempts + 1;
  }

  /** As {@link #attemptNumber}, counted from where the retry schedule began. */
  public int attemptOfSchedule() {
    return attemptNumber() - history.scheduleFrom;
  }

  /** Whether a replay has made it pending. */
  public boolean isReplayed() {
    return history.replayed;
  }

  /** Whether this attempt is made although the endpoint is paused, to find out how it fares. */
  public boolean isProbe() {
    return history.probe;
  }

  /** The batch that this delivery came with; null for one that was pending. */
  public Batch batch() {
    return batch;
  }

  @Override
  public String toString() {
    return "delivery " + id;
  }
}
