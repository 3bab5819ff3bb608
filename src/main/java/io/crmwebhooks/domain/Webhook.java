package io.crmwebhooks.domain;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** A subscription as the pipeline uses it. Immutable. */
public final class Webhook {
  private final Name name;
  private final String hexId;
  private final Interest interest;
  private final Form form;
  private final Limits limits;
  private final Ordering ordering;
  private final Destination destination;

  /**
   * The names that people and customising routes know it by.
   *
   * @param description for people; null: it has none
   * @param labels free texts by their names, to choose by
   */
  public record Name(UUID id, String description, Map<String, String> labels) {
    public Name {
      labels = Map.copyOf(labels);
    }
  }

  /**
   * The changes that a webhook is to get.
   *
   * @param ofTwenty it is a copy of one of Twenty's own, and its events match as there
   * @param from changes committed before are recorded and not sent, in microseconds since 1970
   * @param filter which of those changes it wants
   */
  public record Interest(
      String workspace, List<String> eventPatterns, boolean ofTwenty, long from, Filter filter) {
    /** The {@code from} of a webhook that is sent everything. */
    public static final long ALWAYS = Long.MIN_VALUE;

    /** The {@code from} of a webhook in shadow: it is sent nothing. */
    public static final long NEVER = Long.MAX_VALUE;

    public Interest {
      eventPatterns = List.copyOf(eventPatterns);
    }
  }

  /**
   * Chooses among the changes of the events that a webhook is subscribed to, as they were captured.
   * The same change always gets the same answer. Thread-safe.
   */
  public interface Filter {
    /** Wants every change. */
    Filter NONE = change -> true;

    /**
     * Whether the webhook wants a change.
     *
     * @throws ProgramFailure when the filter fails on it
     */
    boolean wants(Change change);
  }

  /** The program of a webhook fails on a change; the message says which program, and why. */
  public static final class ProgramFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ProgramFailure(String message) {
      super(message);
    }
  }

  /**
   * Makes the request of a change, but for its signature. The same change and id always give the
   * same. Thread-safe.
   */
  public interface Form {
    String JSON = "application/json";

    /** Whether a type is of JSON: its subtype is, or ends so. */
    static boolean isJson(String contentType) {
      String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
      return type.endsWith("/json") || type.endsWith("+json");
    }

    /**
     * The body exactly as it is sent and signed.
     *
     * @param id of the delivery
     * @throws ProgramFailure when the webhook's program fails on the change
     */
    byte[] render(Change change, Webhook webhook, String id);

    /** Whether all webhooks of this form get the same bytes. */
    boolean isShared();

    /** The type of the body. */
    default String contentType() {
      return JSON;
    }

    /** The type of an array of such bodies. */
    default String arrayType() {
      return contentType();
    }

    /** Further headers, which are no secrets. */
    default Map<String, String> headers(Change change, String id) {
      return Map.of();
    }

    /** Whether the body has to be made to know that it can be. */
    default boolean mayFail() {
      return false;
    }
  }

  /**
   * The order that a webhook asks for among the deliveries of one record.
   *
   * @param byRecord they are sent in the order of their commits, one at a time
   * @param hold with that, a dead letter holds back the later ones of its record
   * @param supersede an update that waits is cancelled when a newer one of its record is there
   */
  public record Ordering(boolean byRecord, boolean hold, boolean supersede) {
    public static final Ordering NONE = new Ordering(false, false, false);

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
    /** The id of a route that a webhook may lead to begins so. */
    String ROUTE_PREFIX = "target-";

    /** As it was stored. */
    String url();
  }

  public Webhook(
      Name name,
      Interest interest,
      Form form,
      Limits limits,
      Ordering ordering,
      Destination destination) {
    this.name = name;
    this.hexId = name.id().toString().replace("-", "");
    this.interest = interest;
    this.form = form;
    this.limits = limits;
    this.ordering = ordering;
    this.destination = destination;
  }

  public UUID id() {
    return name.id();
  }

  public Name name() {
    return name;
  }

  /** The id in 32 hex digits, as the ids of deliveries hold it. */
  public String hexId() {
    return hexId;
  }

  public String workspace() {
    return interest.workspace();
  }

  /** Which events it is subscribed to. */
  public List<String> eventPatterns() {
    return interest.eventPatterns();
  }

  public Interest interest() {
    return interest;
  }

  public Form form() {
    return form;
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
    return "webhook " + id() + " to " + destination.url();
  }
}
