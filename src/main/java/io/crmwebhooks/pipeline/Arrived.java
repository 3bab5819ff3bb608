package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Request;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.Exchange;

/**
 * The deliveries of a batch that have arrived at their first attempt. On Kafka they are recorded as
 * messages, and the others in the database.
 */
public final class Arrived {
  private static final int BODY_AT_MOST = 65_536; // characters, as in list-arrived.sql
  private static final ObjectWriter JSON = new ObjectMapper().writer();

  private Arrived() {}

  /**
   * A delivery as a message.
   *
   * @param key of its record
   * @param value a JSON object
   */
  public record Message(String key, String value) {}

  /**
   * Takes the arrived ones out of the part of a batch that is to be written. The rest is left in
   * the property {@code rest}, null where there is none.
   */
  public static List<Message> take(Exchange exchange) {
    Recording.BatchDocument part =
        exchange.getProperty(Recording.DOCUMENT, Recording.BatchDocument.class);
    List<OutcomeRow> others =
        part.outcomes().stream().filter(row -> !hasArrived(row.outcome())).toList();
    boolean rest = !others.isEmpty() || !part.parked().isEmpty() || !part.dropped().isEmpty();
    exchange.setProperty(
        "rest",
        rest ? new Recording.BatchDocument(Set.of(), others, part.parked(), part.dropped()) : null);
    return part.outcomes().stream()
        .filter(row -> hasArrived(row.outcome()))
        .map(row -> new Message(key(row.outcome().delivery().change()), json(row)))
        .toList();
  }

  private static boolean hasArrived(Outcome outcome) {
    return outcome.state() == Outcome.State.DELIVERED;
  }

  /** The changes of a record have the same one. */
  static String key(Change change) {
    return change.getRecordId() == null || change.getEvent() == null
        ? Long.toString(change.getId())
        : key(change.getWorkspace(), change.getObject(), change.getRecordId());
  }

  private static String key(String workspace, String object, String recordId) {
    return workspace + " " + object + "." + recordId;
  }

  private static String json(OutcomeRow row) {
    try {
      return JSON.writeValueAsString(new Value(row));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an outcome cannot be written as JSON", e);
    }
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private static final class Value {
    private final OutcomeRow row;

    Value(OutcomeRow row) {
      this.row = row;
    }

    @JsonProperty
    String id() {
      return row.outcome().delivery().id();
    }

    @JsonProperty("change_id")
    long changeId() {
      return row.changeId();
    }

    @JsonProperty
    long epoch() {
      return row.epoch();
    }

    @JsonProperty("subscription_id")
    UUID subscriptionId() {
      return row.subscriptionId();
    }

    @JsonProperty("replay_id")
    long replayId() {
      return 0;
    }

    @JsonProperty
    String workspace() {
      return row.outcome().delivery().change().getWorkspace();
    }

    @JsonProperty
    String event() {
      return row.outcome().delivery().change().getEvent();
    }

    @JsonProperty("record_id")
    String recordId() {
      return row.outcome().delivery().change().getRecordId();
    }

    @JsonProperty
    int attempts() {
      return row.attempts();
    }

    @JsonProperty("attempted_ms")
    Long attemptedMs() {
      return row.attemptedMs();
    }

    @JsonProperty("duration_ms")
    Long durationMs() {
      return row.durationMs();
    }

    @JsonProperty
    Integer status() {
      return row.status();
    }

    @JsonProperty("created_ms")
    long createdMs() {
      return row.attemptedMs() + row.durationMs();
    }

    /** One that is larger is not kept, so that no message is too large. */
    @JsonProperty
    String body() {
      return isTooLarge() ? null : row.body();
    }

    @JsonProperty("body_left_out")
    Boolean bodyLeftOut() {
      return isTooLarge() ? true : null;
    }

    private boolean isTooLarge() {
      return row.body() != null && row.body().length() > BODY_AT_MOST;
    }

    @JsonProperty
    Request request() {
      return row.request();
    }
  }
}
