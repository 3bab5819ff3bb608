package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.crmwebhooks.database.StorableText;
import io.crmwebhooks.domain.Attempt;
import io.crmwebhooks.domain.Delivery;
import io.crmwebhooks.domain.Outcome;
import io.crmwebhooks.domain.Post;
import io.crmwebhooks.domain.Request;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * An outcome as the record statements read it from their JSON parameter. Times are in milliseconds;
 * {@code wait_ms} counts from the statement, so that only the database's clock says when a delivery
 * is due. Immutable.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
final class OutcomeRow {
  /** The beginning of the reason of a row that the database rejects. */
  static final String UNRECORDABLE = "could not be recorded: ";

  /** Of a record whose body is kept in shadow, in characters; a larger one is rendered again. */
  private static final int SHADOW_AT_MOST = 65_536;

  private final Outcome outcome;
  private final Delivery delivery;
  private final Attempt attempt;
  private final boolean appended;

  private OutcomeRow(Outcome outcome, boolean appended) {
    this.outcome = outcome;
    this.delivery = outcome.delivery();
    this.attempt = outcome.attempt();
    this.appended = appended;
  }

  /** For a row that is appended: its id follows from change and webhook. */
  static OutcomeRow appended(Outcome outcome) {
    return new OutcomeRow(outcome, true);
  }

  /** For a pending row that is brought up to date. */
  static OutcomeRow updated(Outcome outcome) {
    return new OutcomeRow(outcome, false);
  }

  Outcome outcome() {
    return outcome;
  }

  /** The same without the words of others: no answer, and an error or a reason in ASCII. */
  OutcomeRow withoutWords() {
    return attempt == null
        ? withReason(StorableText.ascii(outcome.reason()))
        : with(outcome.state(), attempt.status(), StorableText.ascii(attempt.error()));
  }

  private OutcomeRow withReason(String reason) {
    return new OutcomeRow(
        new Outcome(delivery, outcome.state(), null, outcome.delay(), reason, outcome.together()),
        appended);
  }

  /** The record instead of one that the database rejects: the delivery is dead, with the reason. */
  OutcomeRow unrecordable(String reason) {
    return with(Outcome.State.DEAD, null, reason);
  }

  private OutcomeRow with(Outcome.State state, Integer status, String error) {
    Attempt told =
        new Attempt(
            attempt.number(), attempt.startedAt(), attempt.durationMillis(), status, error, null);
    boolean same = state == outcome.state();
    return new OutcomeRow(
        same
            ? new Outcome(
                delivery, state, told, outcome.delay(), outcome.reason(), outcome.together())
            : new Outcome(delivery, state, told, null, null, null),
        appended);
  }

  /** Whether it holds words of others. */
  boolean hasWords() {
    return !withoutWords().outcome.equals(outcome);
  }

  /** Whether it is what is recorded instead. */
  boolean saysLeast() {
    return outcome.state() == Outcome.State.DEAD
        && attempt != null
        && attempt.error().startsWith(UNRECORDABLE);
  }

  @JsonProperty
  String id() {
    return appended ? null : delivery.id();
  }

  @JsonProperty("change_id")
  long changeId() {
    return delivery.change().getId();
  }

  @JsonProperty
  long epoch() {
    return delivery.change().getEpoch();
  }

  @JsonProperty("subscription_id")
  UUID subscriptionId() {
    return delivery.webhook().id();
  }

  @JsonProperty
  String state() {
    return outcome.state().column();
  }

  @JsonProperty
  int attempts() {
    return attempt == null ? 0 : attempt.number();
  }

  @JsonProperty("wait_ms")
  Long waitMs() {
    return outcome.delay() == null ? null : outcome.delay().toMillis();
  }

  @JsonProperty("post_id")
  String postId() {
    return outcome.together() == null ? null : outcome.together().postId();
  }

  @JsonProperty
  Boolean waits() {
    return outcome.waits() ? true : null;
  }

  /** Only where the schedule begins anew with this outcome. */
  @JsonProperty("schedule_from")
  Integer scheduleFrom() {
    return outcome.together() != null && outcome.together().anew() ? attempts() : null;
  }

  @JsonProperty("attempted_ms")
  Long attemptedMs() {
    return attempt == null ? null : attempt.startedAt().toEpochMilli();
  }

  @JsonProperty("duration_ms")
  Long durationMs() {
    return attempt == null ? null : attempt.durationMillis();
  }

  @JsonProperty
  Integer status() {
    return attempt == null ? null : attempt.status();
  }

  @JsonProperty
  String error() {
    return StorableText.of(attempt == null ? outcome.reason() : attempt.error());
  }

  @JsonProperty
  String response() {
    return attempt == null ? null : StorableText.of(attempt.response());
  }

  /**
   * The body, if the row must keep it. The next attempt sends the same bytes, or a route has
   * changed it, so that it does not follow from the change, or it is what was not sent.
   */
  @JsonProperty
  String body() {
    boolean shadow =
        Outcome.SHADOW.equals(outcome.reason())
            && delivery.change().recordJson().length() <= SHADOW_AT_MOST;
    boolean keep = shadow || outcome.fixesBody() || delivery.isCustomised();
    return keep
            && delivery.problem() == null
            && !outcome.isUnsendable()
            && !delivery.isLeftOut()
            && !delivery.history().bodyKept()
            && !saysLeast()
        ? StorableText.of(new String(kept(), StandardCharsets.UTF_8))
        : null;
  }

  /** As it was sent, alone or among others. */
  private byte[] kept() {
    return postId() == null ? delivery.body() : Post.element(delivery);
  }

  /** How it is sent, where a route has made that differ from its webhook. */
  @JsonProperty
  Request request() {
    return delivery.isLeftOut() || Request.SAME.equals(delivery.request())
        ? null
        : delivery.request();
  }

  @JsonProperty
  String object() {
    return recordId() == null ? null : delivery.change().getObject();
  }

  /** By which others find it: nobody waits for one that was accepted, but it may supersede. */
  @JsonProperty("record_id")
  String recordId() {
    return outcome.state() == Outcome.State.DELIVERED && !delivery.webhook().ordering().supersede()
        ? null
        : delivery.recordToKeep();
  }
}
