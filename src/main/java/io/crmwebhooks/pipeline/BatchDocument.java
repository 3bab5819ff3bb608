package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.crmwebhooks.database.StorableText;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What {@code record-batch.sql} reads: all that came of a batch, or of a part of one. Immutable.
 */
record BatchDocument(
    Set<Long> returned, List<OutcomeRow> outcomes, List<Parked> parked, List<Long> dropped) {

  /** A change set aside. */
  record Parked(@JsonProperty("change_id") long changeId, String reason) {}

  /** The changes that it says something about, in order. */
  List<Long> changeIds() {
    Set<Long> ids = new TreeSet<>(returned);
    outcomes.forEach(outcome -> ids.add(outcome.changeId()));
    parked.forEach(change -> ids.add(change.changeId()));
    ids.addAll(dropped);
    return List.copyOf(ids);
  }

  /** What it says about some of its changes. */
  BatchDocument only(Predicate<Long> wanted) {
    return new BatchDocument(
        returned.stream().filter(wanted).collect(Collectors.toSet()),
        outcomes.stream().filter(outcome -> wanted.test(outcome.changeId())).toList(),
        parked.stream().filter(change -> wanted.test(change.changeId())).toList(),
        dropped.stream().filter(wanted).toList());
  }

  /** The same without the words of others, which the database may not be able to keep. */
  BatchDocument withoutWords() {
    return new BatchDocument(
        returned,
        outcomes.stream().map(OutcomeRow::withoutWords).toList(),
        parked.stream().map(p -> new Parked(p.changeId(), StorableText.ascii(p.reason()))).toList(),
        dropped);
  }

  /** Nothing but that its changes are set aside. */
  BatchDocument parking(String reason) {
    return new BatchDocument(
        Set.of(),
        List.of(),
        changeIds().stream().map(id -> new Parked(id, reason)).toList(),
        List.of());
  }

  /** Whether there is nothing in it that could be left out. */
  boolean bare() {
    return returned.isEmpty() && outcomes.isEmpty() && dropped.isEmpty() && parked.size() < 2;
  }
}
