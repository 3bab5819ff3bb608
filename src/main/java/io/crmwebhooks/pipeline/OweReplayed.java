package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;

/** Notes in the chunk what is to be sent, and says what is to be recorded of it. Thread-safe. */
public final class OweReplayed {
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

  /**
   * What is to be recorded.
   *
   * @throws IllegalStateException when changes were given back; the step is repeated later
   */
  public ReplayChunk chunk(Exchange exchange) {
    ReplayChunk chunk = ReplayChunk.of(exchange);
    if (!chunk.isWhole()) {
      throw new IllegalStateException("too many customising steps hang");
    }
    return chunk;
  }
}
