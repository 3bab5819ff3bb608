package io.crmwebhooks.pipeline;

import io.crmwebhooks.domain.Outcome;
import java.util.List;
import org.apache.camel.Body;

/** Makes the JSON parameter of {@code record-redeliveries.sql} from the outcomes collected. */
public final class RedeliveryRecord {
  public List<?> rows(@Body List<Outcome> outcomes) {
    return outcomes.stream().map(OutcomeRow::updated).toList();
  }
}
