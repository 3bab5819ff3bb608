package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.Json;
import java.util.Locale;
import java.util.UUID;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say which deliveries are meant. */
final class DeliveryFilter {
  /** As the API has them. */
  enum State {
    PENDING,
    DELIVERED,
    DEAD,
    CANCELLED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(names = "--webhook", paramLabel = "ID", description = "Only of this webhook.")
  private UUID webhook;

  @Option(
      names = {"-s", "--state"},
      description = "Only in this state: ${COMPLETION-CANDIDATES}.")
  private State state;

  @Mixin private ChangeFilter changes = new ChangeFilter();

  boolean isEmpty() {
    return webhook == null && state == null && changes.isEmpty();
  }

  Request on(Request request) {
    return changes.on(request.with("webhookId", webhook).with("state", state));
  }

  /** The same as the fields of a body. */
  ObjectNode body() {
    ObjectNode body = Json.object();
    on(Request.get("")).query().forEach(body::put);
    return body;
  }
}
