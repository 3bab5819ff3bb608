package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.News;
import io.crmwebhooks.domain.Verdicts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The verdicts on the changes of a batch. Each of them moves its claim. Thread-safe. */
final class BatchVerdicts implements Verdicts {
  private final Claim claim;
  private final News news;
  private final Set<Long> settled = new HashSet<>();
  private final Map<Long, String> parked = new LinkedHashMap<>();
  private final List<Long> dropped = new ArrayList<>();
  private final Set<Long> givenBack = new HashSet<>();

  /**
   * @param news takes the changes that are set aside
   */
  BatchVerdicts(Claim claim, News news) {
    this.claim = claim;
    this.news = news;
  }

  @Override
  public void moves() {
    claim.moved();
  }

  @Override
  public synchronized boolean isSettled(Change change) {
    return settled.contains(change.getId());
  }

  /** Whether this verdict is the first. */
  synchronized boolean settle(Change change) {
    claim.moved();
    return settled.add(change.getId());
  }

  @Override
  public void refuse(Change change, String reason) {
    synchronized (this) {
      if (!settle(change)) {
        return;
      }
      parked.put(change.getId(), reason);
    }
    news.tell("change.parked", null, change + ": " + reason);
  }

  @Override
  public synchronized void drop(Change change) {
    if (settle(change)) {
      dropped.add(change.getId());
    }
  }

  @Override
  public synchronized void giveBack(Change change) {
    if (settle(change)) {
      givenBack.add(change.getId());
    }
  }

  synchronized Map<Long, String> parked() {
    return Map.copyOf(parked);
  }

  synchronized List<Long> dropped() {
    return List.copyOf(dropped);
  }

  synchronized Set<Long> givenBack() {
    return Set.copyOf(givenBack);
  }
}
