package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.ProgramFailure;
import io.crmwebhooks.jq.ProgramException;

/** The filter of a webhook as it is stored. Immutable. */
public record StoredFilter(String program) implements Webhook.Filter {
  /**
   * Of the column {@code filter}.
   *
   * @param program null: there is none
   */
  public static Webhook.Filter of(String program) {
    if (program == null) {
      return NONE;
    }
    Programs.prepare(program);
    return new StoredFilter(program);
  }

  @Override
  public boolean wants(Change change) {
    try {
      return Programs.of(program).test(Facts.captured(change));
    } catch (ProgramException | IllegalArgumentException e) {
      throw new ProgramFailure("filter " + e.getMessage());
    }
  }
}
