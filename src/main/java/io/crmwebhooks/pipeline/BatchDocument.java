package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.crmwebhooks.database.StorableText;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The input of {@code record-batch.sql}: all outcomes of a batch, or of one change. Immutable. */
record BatchDocument(
    Set<Long> returned, List<OutcomeRow> outcomes, List<Parked> parked, List<Long> dropped) {
  static final BatchDocument EMPTY = new BatchDocument(Set.of(), List.of(), List.of(), List.of());

  /** A change set aside. */
  record Parked(@JsonProperty("change_id") long changeId, String reason) {}

  /** Nothing but that a change is set aside. */
  static BatchDocument parking(long changeId, String reason) {
    return new BatchDocument(Set.of(), List.of(), List.of(new Parked(changeId, reason)), List.of());
  }

  /** The changes that it says something about, in order. */
  Set<Long> changeIds() {
    Set<Long> ids = new TreeSet<>(returned);
    outcomes.forEach(outcome -> ids.add(outcome.changeId()));
    parked.forEach(change -> ids.add(change.changeId()));
    ids.addAll(dropped);
    return ids;
  }

  /** The part about one of its changes. */
  BatchDocument only(long changeId) {
    return new BatchDocument(
        returned.contains(changeId) ? Set.of(changeId) : Set.of(),
        outcomes.stream().filter(outcome -> outcome.changeId() == changeId).toList(),
        parked.stream().filter(change -> change.changeId() == changeId).toList(),
        dropped.contains(changeId) ? List.of(changeId) : List.of());
  }

  /** Whether it holds words of others, which the database may not be able to keep. */
  boolean hasWords() {
    return outcomes.stream().anyMatch(OutcomeRow::hasWords)
        || parked.stream().anyMatch(p -> !p.reason().equals(StorableText.ascii(p.reason())));
  }

  /** The same without those. */
  BatchDocument withoutWords() {
    return new BatchDocument(
        returned,
        outcomes.stream().map(OutcomeRow::withoutWords).toList(),
        parked.stream().map(p -> new Parked(p.changeId(), StorableText.ascii(p.reason()))).toList(),
        dropped);
  }

  /** Whether it says nothing but that changes are set aside. */
  boolean onlyParks() {
    return returned.isEmpty() && outcomes.isEmpty() && dropped.isEmpty();
  }
}
