package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.ChangeAccount.Fate;
import java.util.Arrays;
import java.util.Locale;

/** How many of the changes that one webhook was owed met which {@link Fate}. Used by one thread. */
final class Tally {
  private final long[] changes = new long[Fate.values().length];
  private final long[] removed = new long[Fate.values().length];

  /** Adds a row of {@code account-changes.sql}. */
  public void add(JsonNode row) {
    int fate = Fate.valueOf(row.path("fate").asText().toUpperCase(Locale.ROOT)).ordinal();
    changes[fate] += row.path("changes").asLong();
    removed[fate] += row.path("removed").asLong();
  }

  public long of(Fate fate) {
    return changes[fate.ordinal()];
  }

  /** As {@link #of}, without those whose record has been removed, which can never be sent. */
  public long sendable(Fate fate) {
    return changes[fate.ordinal()] - removed[fate.ordinal()];
  }

  /** Changes in all: each met one fate. */
  public long matched() {
    return Arrays.stream(changes).sum();
  }

  /** Changes whose record has been removed; one that was parked may never have had one. */
  public long removed() {
    return Arrays.stream(removed).sum() - removed[Fate.PARKED.ordinal()];
  }

  /** Writes {@code matched} and every fate into {@code json}. */
  public ObjectNode into(ObjectNode json) {
    json.put("matched", matched());
    for (Fate fate : Fate.values()) {
      json.put(fate.key(), of(fate));
    }
    return json;
  }
}
