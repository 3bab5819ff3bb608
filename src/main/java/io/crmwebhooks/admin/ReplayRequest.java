package io.crmwebhooks.admin;

import io.crmwebhooks.domain.Operations;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What is to be replayed.
 *
 * @param workspace the only one whose webhooks the caller may see; null: all
 * @param since when the first change was made, inclusive
 * @param until exclusive; null or in the future: now
 * @param events patterns that narrow the operations of the webhook; null: none
 */
public record ReplayRequest(
    UUID webhookId,
    String workspace,
    ReplayMode mode,
    Instant since,
    Instant until,
    List<String> events) {

  /**
   * @throws IllegalArgumentException when the range is empty or an event is no pattern
   */
  public ReplayRequest {
    if (until != null && !since.isBefore(until)) {
      throw new IllegalArgumentException("since must be before until");
    }
    if (events != null) {
      events.forEach(Operations::check);
    }
  }
}
