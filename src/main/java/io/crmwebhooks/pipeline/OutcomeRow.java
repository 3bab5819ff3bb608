package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Outcome;
import java.time.Duration;
import java.util.UUID;

/**
 * An outcome as the record statements read it from their JSON parameter. Times are in milliseconds;
 * {@code wait_ms} counts from the statement, so that only the database's clock says when a delivery
 * is due.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record OutcomeRow(
    String id,
    @JsonProperty("change_id") long changeId,
    long epoch,
    @JsonProperty("subscription_id") UUID subscriptionId,
    String state,
    int attempts,
    @JsonProperty("wait_ms") Long waitMs,
    @JsonProperty("attempted_ms") Long attemptedMs,
    @JsonProperty("duration_ms") Long durationMs,
    Integer status,
    String error,
    String response,
    String body,
    String object,
    @JsonProperty("record_id") String recordId) {

  /** For a row that is appended: its id follows from change and webhook. */
  static OutcomeRow appended(Outcome outcome) {
    return of(outcome, null);
  }

  /** For a pending row that is brought up to date. */
  static OutcomeRow updated(Outcome outcome) {
    return of(outcome, outcome.delivery().id());
  }

  private static final String DEAD = "dead";

  /** As {@code disable-gone-webhook.sql} says it. */
  private static final String GONE = "the receiver answered HTTP 410 (Gone)";

  /** What is recorded instead when this cannot be: that the delivery is dead, and why. */
  OutcomeRow unrecordable(String reason) {
    return new OutcomeRow(
        id,
        changeId,
        epoch,
        subscriptionId,
        DEAD,
        attempts,
        null,
        attemptedMs,
        0L,
        null,
        reason,
        null,
        null,
        object,
        recordId);
  }

  /** As it is without the words of others: no answer, and an error in ASCII. */
  OutcomeRow withoutWords() {
    return new OutcomeRow(
        id,
        changeId,
        epoch,
        subscriptionId,
        state,
        attempts,
        waitMs,
        attemptedMs,
        durationMs,
        status,
        StorableText.ascii(error),
        null,
        body,
        object,
        recordId);
  }

  /** Whether it is what is recorded instead. */
  boolean saysLeast() {
    return DEAD.equals(state) && error != null && error.startsWith(Refusal.PREFIX);
  }

  private static String error(Outcome outcome, Attempt attempt) {
    if (outcome instanceof Outcome.Cancelled) {
      return GONE;
    }
    return attempt == null ? null : StorableText.of(attempt.error());
  }

  private static OutcomeRow of(Outcome outcome, String id) {
    if (outcome instanceof Outcome.Delivered delivered) {
      return of(outcome, id, "delivered", delivered.attempt(), null);
    }
    if (outcome instanceof Outcome.RetryAt retry) {
      return of(outcome, id, "pending", retry.attempt(), retry.delay());
    }
    if (outcome instanceof Outcome.Dead dead) {
      return of(outcome, id, DEAD, dead.attempt(), null);
    }
    if (outcome instanceof Outcome.Gone gone) {
      return of(outcome, id, "cancelled", gone.attempt(), null);
    }
    if (outcome instanceof Outcome.Cancelled) {
      return of(outcome, id, "cancelled", null, null);
    }
    return of(outcome, id, "pending", null, ((Outcome.Owed) outcome).delay());
  }

  private static OutcomeRow of(
      Outcome outcome, String id, String state, Attempt attempt, Duration delay) {
    var delivery = outcome.delivery();
    return new OutcomeRow(
        id,
        delivery.changeId(),
        delivery.epoch(),
        delivery.webhook().id(),
        state,
        attempt == null ? 0 : attempt.number(),
        delay == null ? null : delay.toMillis(),
        attempt == null ? null : attempt.startedAt().toEpochMilli(),
        attempt == null ? null : attempt.durationMillis(),
        attempt == null ? null : attempt.status(),
        error(outcome, attempt),
        attempt == null ? null : StorableText.of(attempt.response()),
        StorableText.of(delivery.bodyToKeep()),
        delivery.recordToKeep() == null ? null : delivery.object(),
        delivery.recordToKeep());
  }
}
