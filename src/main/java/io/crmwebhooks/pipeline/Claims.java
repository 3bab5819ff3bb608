package io.crmwebhooks.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/** The claims that this process works on, for the beat to renew those that move. Thread-safe. */
public final class Claims {
  private final Map<Long, Claim> open = new ConcurrentHashMap<>();
  private final Duration lease;
  private final Runnable moving;

  /**
   * @param lease how long a claim lasts from when it is made or renewed
   * @param moving is told whenever claims have been renewed
   */
  public Claims(Duration lease, Runnable moving) {
    this.lease = lease;
    this.moving = moving;
  }

  /** The claim that the exchange has made; it is forgotten when the exchange ends. */
  Claim open(Exchange exchange, long id) {
    Claim claim = new Claim(id, lease, Duration.ofMillis(exchange.getClock().elapsed()));
    open.put(id, claim);
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                open.remove(id);
              }
            });
    return claim;
  }

  /** The ids of those whose batches have moved since the last time, as an array of PostgreSQL. */
  public String getMoving() {
    return open.values().stream()
        .filter(Claim::askToRenew)
        .map(claim -> Long.toString(claim.id()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  /**
   * Takes what {@code beat.sql} says of those.
   *
   * @param rows each with the id of one that has moved, and whether it was there to be renewed
   */
  public void renewed(@Body List<Map<String, Object>> rows) {
    for (Map<String, Object> row : rows) {
      Claim claim = open.get(((Number) row.get("claim_id")).longValue());
      if (claim != null && Boolean.TRUE.equals(row.get("renewed"))) {
        claim.renewed();
        moving.run();
      } else if (claim != null) {
        claim.lost();
      }
    }
  }
}
