package io.crmwebhooks.domain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of a delivery.
 *
 * @param attempt null: none was made, or its answer is not known yet
 * @param delay until the next attempt; null unless there is to be one, and while that waits for an
 *     earlier delivery of its record
 * @param reason why it is cancelled, or dead without an attempt; null otherwise
 * @param together how its next attempt is to be made with others; null: as it happens
 */
public record Outcome(
    Delivery delivery,
    State state,
    Attempt attempt,
    Duration delay,
    String reason,
    Together together) {
  /**
   * How the next attempt of a delivery is to be made with others.
   *
   * @param postId of the POST, whose members and bytes stay as they are; null: it waits for others
   *     to make one with
   * @param anew whether the retry schedule begins anew
   */
  public record Together(String postId, boolean anew) {
    private static final Together WAITS = new Together(null, false);
  }

  /** The reason of those in shadow, by which {@code webhooks.twenty_release_shadows} finds them. */
  public static final String SHADOW = "shadow";

  /** The reason of those that the route leaves out; statements know them by it. */
  public static final String LEFT_OUT = "left out by customise-delivery";

  /** The state that a delivery is left in, with Svix's names except for the column. */
  public enum State {
    DELIVERED("delivered"),
    /** Its next attempt falls due. */
    RETRY("pending"),
    /** Its schedule is spent. */
    DEAD("dead"),
    /** Its webhook wants no deliveries any more. */
    CANCELLED("cancelled");

    private final String column;

    State(String column) {
      this.column = column;
    }

    /** As the column {@code webhooks.delivery.state} has it. */
    public String column() {
      return column;
    }
  }

  /** The receiver accepted it. */
  public static Outcome delivered(Delivery delivery, Attempt attempt) {
    return new Outcome(delivery, State.DELIVERED, attempt, null, null, null);
  }

  /** The attempt failed, and the next one is due after {@code delay}. */
  public static Outcome retry(Delivery delivery, Attempt attempt, Duration delay) {
    return new Outcome(delivery, State.RETRY, attempt, delay, null, null);
  }

  /** The attempt failed and the schedule is spent. */
  public static Outcome dead(Delivery delivery, Attempt attempt) {
    return new Outcome(delivery, State.DEAD, attempt, null, null, null);
  }

  /**
   * The attempt of many together was too large: two halves of them are sent after {@code delay}.
   */
  public static Outcome halved(Delivery delivery, Attempt attempt, Duration delay) {
    return new Outcome(
        delivery, State.RETRY, attempt, delay, null, new Together(delivery.id(), true));
  }

  /** Not attempted: it waits for others to be sent with, but no longer than this. */
  public static Outcome waiting(Delivery delivery, Duration most) {
    return new Outcome(delivery, State.RETRY, null, most, null, Together.WAITS);
  }

  /** The receiver wants nothing any more. */
  public static Outcome gone(Delivery delivery, Attempt attempt, String reason) {
    return new Outcome(delivery, State.CANCELLED, attempt, null, reason, null);
  }

  /** Not attempted: its webhook has turned out to be gone since it was owed. */
  public static Outcome cancelled(Delivery delivery, String reason) {
    return new Outcome(delivery, State.CANCELLED, null, null, reason, null);
  }

  /**
   * Only recorded: a route has left it out, or, with its body, because the change was committed
   * before its webhook went live, or a program fails on it.
   */
  public static Outcome unsent(Delivery delivery) {
    if (delivery.problem() != null && !delivery.isShadow()) {
      return unsendable(delivery, delivery.problem());
    }
    return cancelled(delivery, delivery.isLeftOut() ? LEFT_OUT : SHADOW);
  }

  /** Not attempted: a program of its webhook fails on the change. */
  public static Outcome unsendable(Delivery delivery, String problem) {
    return new Outcome(delivery, State.DEAD, null, null, problem, null);
  }

  /** Not attempted: it is due at once. */
  public static Outcome owed(Delivery delivery) {
    return new Outcome(delivery, State.RETRY, null, Duration.ZERO, null, null);
  }

  /** Not attempted: the end of an earlier one of its record, which is pending, wakes it. */
  public static Outcome asleep(Delivery delivery) {
    return new Outcome(delivery, State.RETRY, null, null, null, null);
  }

  /**
   * Whether later ones of its record may be sent: it was accepted, will not be sent any more, or is
   * a dead letter that holds back nothing.
   */
  public boolean letsPass() {
    return state == State.DEAD ? !delivery.webhook().ordering().hold() : state != State.RETRY;
  }

  /** Being sent: it is due after {@code lease} unless its own outcome comes before. */
  public static Outcome unanswered(Delivery delivery, Duration lease) {
    return new Outcome(delivery, State.RETRY, null, lease, null, null);
  }

  /**
   * The outcome of each delivery that it is about. Of those that are tried again together the first
   * falls due, and brings the others with it.
   */
  public List<Outcome> each() {
    List<Delivery> members = delivery.members();
    if (members.isEmpty()) {
      return List.of(this);
    }
    List<Outcome> each = new ArrayList<>(members.size());
    boolean halved = together != null && together.anew();
    int half = (members.size() + 1) / 2;
    for (int from = 0; from < members.size(); from += halved ? half : members.size()) {
      List<Delivery> part = halved ? part(members, from, half) : members;
      Together again =
          state == State.RETRY
              ? new Together(halved ? Post.id(part) : delivery.id(), halved)
              : null;
      for (Delivery member : part) {
        each.add(
            new Outcome(
                member,
                state,
                attempt == null ? null : attempt.numbered(member.attemptNumber()),
                member == part.get(0) ? delay : null,
                reason,
                again));
      }
    }
    return each;
  }

  private static List<Delivery> part(List<Delivery> members, int from, int size) {
    return members.subList(from, Math.min(members.size(), from + size));
  }

  /** Whether it waits for others to be sent with. */
  public boolean waits() {
    return Together.WAITS.equals(together);
  }

  /** Whether there is nothing to send. */
  public boolean isUnsendable() {
    return state == State.DEAD && attempt == null;
  }

  /** Whether the receiver has said with this attempt that it wants nothing any more. */
  public boolean isGone() {
    return state == State.CANCELLED && attempt != null;
  }

  /**
   * Whether its row must hold the body from now on: its bytes may have gone out, and any later
   * attempt sends the same. A delivery that was accepted at once needs no later attempt.
   */
  public boolean fixesBody() {
    boolean isUnderWay = together == null ? delay != null && !delay.isZero() : !waits();
    return state != State.DELIVERED && (attempt != null || isUnderWay);
  }
}
