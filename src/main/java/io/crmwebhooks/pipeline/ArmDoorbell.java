package io.crmwebhooks.pipeline;

import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Decides after each claim whether writers shall ring the doorbell: yes when the claim brought
 * nothing, no when claims have brought changes all the time for a while. Says so in the header
 * {@link #ARMED}, where it is new, or has not been said for a while, since other processes share
 * the doorbell. Thread-safe.
 */
public final class ArmDoorbell implements Processor {
  static final String ARMED = "armed";

  private static final Duration BUSY_AFTER = Duration.ofMillis(50);
  private static final Duration SAY_AGAIN_AFTER = Duration.ofSeconds(1);

  /** Nanoseconds of a clock that only goes forward. */
  interface Ticker {
    long nanos();
  }

  private final Ticker ticker;
  private long idleAt;
  private long saidAt;
  private Boolean said;

  public ArmDoorbell() {
    this(System::nanoTime);
  }

  ArmDoorbell(Ticker ticker) {
    this.ticker = ticker;
    this.idleAt = ticker.nanos();
  }

  @Override
  public void process(Exchange exchange) {
    int claimed = exchange.getMessage().getHeader("CamelJdbcRowCount", 0, Integer.class);
    exchange.getMessage().setHeader(ARMED, afterClaim(claimed));
  }

  /**
   * @return what is to be said, or null
   */
  synchronized Boolean afterClaim(int claimed) {
    long now = ticker.nanos();
    if (claimed == 0) {
      idleAt = now;
    } else if (now - idleAt < BUSY_AFTER.toNanos()) {
      return null;
    }
    boolean armed = claimed == 0;
    if (said != null && said == armed && now - saidAt < SAY_AGAIN_AFTER.toNanos()) {
      return null;
    }
    said = armed;
    saidAt = now;
    return armed;
  }
}
