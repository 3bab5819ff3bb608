package io.crmwebhooks.domain;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * One change owed to one webhook, while this process works on it. One thread at a time sends it;
 * any holder may read it.
 */
public class Delivery {
  /**
   * The history of a delivery before this process took it.
   *
   * @param scheduleFrom attempts before the retry schedule began anew; 0: it did not
   * @param replayed whether a replay has made it pending
   * @param probe whether it was taken to find out how a paused endpoint fares
   * @param bodyKept whether its row holds the body
   */
  public record History(
      int attempts, int scheduleFrom, boolean replayed, boolean probe, boolean bodyKept) {
    public static final History NONE = new History(0, 0, false, false, false);
  }

  /**
   * The sent part of a delivery.
   *
   * @param body null: it is made whenever it is asked for, so that it takes no memory meanwhile
   * @param request what a route has made of the delivery, the body of which is then there, or null
   *     where the route has left it out; null: no route has touched it
   * @param problem why there is nothing to send: a program of the webhook fails; null: there is
   */
  public record Content(byte[] body, Request request, String problem) {
    public Content(byte[] body, Request request) {
      this(body, request, null);
    }

    /**
     * As the form of the webhook makes it. Where its program fails on the change there is nothing
     * to send.
     */
    public static Content rendered(Change change, Webhook webhook, String id, Request request) {
      try {
        return new Content(webhook.form().render(change, webhook, id), request);
      } catch (Webhook.ProgramFailure e) {
        return unsendable(e.getMessage());
      }
    }

    /** Of a delivery that cannot be sent. */
    public static Content unsendable(String problem) {
      return new Content(null, null, problem);
    }
  }

  /** The deliveries of one record to a webhook that wants them in the order of their changes. */
  public record Line(UUID webhookId, String object, String recordId) {}

  private final String id;
  private final Line line;
  private final Change change;
  private final Webhook webhook;
  private final Content content;
  private final History history;
  private final boolean claimed;
  private volatile Instant startedAt;
  private volatile long startedNanos;

  Delivery(
      String id,
      Change change,
      Webhook webhook,
      Content content,
      History history,
      boolean claimed) {
    this.id = id;
    this.line =
        webhook.ordering().byRecord() && change.getRecordId() != null
            ? new Line(webhook.id(), change.getObject(), change.getRecordId())
            : null;
    this.change = change;
    this.webhook = webhook;
    this.content = content;
    this.history = history;
    this.claimed = claimed;
  }

  /**
   * A delivery of a batch, not yet in the database.
   *
   * @param body null: it is made whenever it is asked for, so that it takes no memory meanwhile
   */
  public static Delivery first(Change change, Webhook webhook, byte[] body) {
    return first(change, webhook, new Content(body, null));
  }

  /** As {@link #first(Change, Webhook, byte[])}. */
  public static Delivery first(Change change, Webhook webhook, Content content) {
    return new Delivery(id(change, webhook), change, webhook, content, History.NONE, false);
  }

  /** The same, not sent yet, as a route has made it. */
  public Delivery as(Content made) {
    return new Delivery(id, change, webhook, made, history, claimed);
  }

  /** A pending delivery that has been claimed. */
  public static Delivery again(
      String id, Change change, Webhook webhook, Content content, History history) {
    return new Delivery(id, change, webhook, content, history, true);
  }

  /**
   * The webhook-id, which is also the key of the row. It is the same for a change and a webhook
   * here and in the generated column {@code webhooks.delivery.id}.
   */
  public static String id(Change change, Webhook webhook) {
    String hex = Long.toHexString(change.getId());
    return "msg_"
        + "0".repeat(16 - hex.length())
        + hex
        + webhook.hexId()
        + Long.toHexString(change.getEpoch());
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

  public Change change() {
    return change;
  }

  public Webhook webhook() {
    return webhook;
  }

  /** The body exactly as it is sent and signed. */
  public byte[] body() {
    return content.body() == null ? webhook.form().render(change, webhook, id) : content.body();
  }

  /** About how many bytes its body has; it need not be made for that. */
  public long size() {
    return content.body() == null ? change.recordJson().length() : content.body().length;
  }

  /** Those that it sends together; none: it is a single one. */
  public List<Delivery> members() {
    return List.of();
  }

  /** Those that it sends together, or itself. */
  public List<Delivery> parts() {
    return List.of(this);
  }

  /** Why it cannot be sent, in words; null: it can. */
  public String problem() {
    return content.problem();
  }

  /** The differences to its webhook in how it is sent; null: none. */
  public Request request() {
    return content.request();
  }

  /** Whether its bytes, or how they are sent, do not follow from the change as it was written. */
  public boolean isCustomised() {
    return content.request() != null || change.isCustomised();
  }

  /** Whether a route has left it out: it is recorded, and not sent. */
  public boolean isLeftOut() {
    return content.request() != null && content.body() == null;
  }

  /** The endpoint that it goes to where that is not its webhook's; null: it is. */
  public String elsewhere() {
    return content.request() == null ? null : content.request().endpoint();
  }

  /** Whether it is recorded only: its change comes from before its webhook went live. */
  public boolean isShadow() {
    return change.isBefore(webhook.interest().from());
  }

  /** Its history before this process took it. */
  public History history() {
    return history;
  }

  /** Whether it is a pending one that was claimed; else it came with a batch. */
  public boolean isClaimed() {
    return claimed;
  }

  /**
   * The record, if its webhook asks for the order or for only the newest update. Null otherwise,
   * and for a change without one.
   */
  public String recordToKeep() {
    return webhook.ordering().asksForRecord() ? change.getRecordId() : null;
  }

  /** The line that it keeps its place in; null: it waits for nobody. */
  public Line line() {
    return line;
  }

  /** Whether it replaces older updates of its record. */
  public boolean supersedes() {
    return webhook.ordering().supersede()
        && change.getRecordId() != null
        && change.getAction().equals("updated");
  }

  /** The number of the attempt being made, from 1. */
  public int attemptNumber() {
    return history.attempts + 1;
  }

  /** As {@link #attemptNumber}, counted from where the retry schedule began. */
  public int attemptOfSchedule() {
    return attemptNumber() - history.scheduleFrom;
  }

  @Override
  public String toString() {
    return "delivery " + id;
  }
}
