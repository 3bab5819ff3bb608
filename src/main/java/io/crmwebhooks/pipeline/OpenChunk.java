package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Verdicts;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Turns the rows of {@code replay-chunk.sql} into the chunk that the exchange carries from here on.
 */
public final class OpenChunk implements Processor {
  @Override
  @SuppressWarnings("unchecked")
  public void process(Exchange exchange) {
    Message message = exchange.getMessage();
    List<Map<String, Object>> rows = message.getBody(List.class);
    ReplayChunk chunk =
        new ReplayChunk(
            message.getHeader("replay", Long.class),
            message.getHeader("position", Long.class),
            message.getHeader("room", Integer.class),
            rows);
    exchange.setProperty(ReplayChunk.PROPERTY, chunk);
    exchange.setProperty(Verdicts.PROPERTY, chunk);
    exchange.setProperty("changes", chunk.changes());
  }
}
