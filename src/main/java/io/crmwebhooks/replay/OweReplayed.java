package io.crmwebhooks.replay;

import io.crmwebhooks.dispatch.Change;
import io.crmwebhooks.dispatch.ParkChange;
import io.crmwebhooks.dispatch.PayloadRenderer;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notes in the chunk what the customise route has made of a change. Thread-safe. */
public final class OweReplayed {
  private static final Logger LOG = LoggerFactory.getLogger(OweReplayed.class);

  /** The change in the body is to be sent. */
  public void owe(Exchange exchange) {
    Change change = exchange.getMessage().getBody(Change.class);
    ReplayChunk.of(exchange)
        .owe(
            change,
            change.isCustomised()
                ? new String(PayloadRenderer.render(change), StandardCharsets.UTF_8)
                : null);
  }

  /** The change is not to be sent. */
  public void drop(Exchange exchange) {
    ReplayChunk.of(exchange).drop(exchange.getProperty("change", Change.class).getId());
  }

  /** A step has failed on the change. It is not parked: others may have got it long ago. */
  public void refuse(Exchange exchange) {
    Change change = exchange.getProperty("change", Change.class);
    String reason = ParkChange.reason(exchange);
    LOG.warn("replay.refused change={} reason=\"{}\"", change.getId(), reason);
    ReplayChunk.of(exchange).refuse(change.getId(), reason);
  }
}
