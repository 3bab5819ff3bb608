package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.crmwebhooks.database.DatabaseTime;
import io.crmwebhooks.domain.Change;
import java.nio.charset.StandardCharsets;

/**
 * Renders the body that is sent: {@code {"event":…,"data":…,"timestamp":…}}, with {@code
 * updatedFields} for updates. The record is spliced in as it is. The same change always gives the
 * same bytes. Thread-safe.
 */
public final class PayloadRenderer {
  private PayloadRenderer() {}

  public static byte[] render(Change change) {
    String record = change.recordJson();
    StringBuilder body = new StringBuilder(record.length() + 120);
    body.append("{\"event\":\"");
    JsonStringEncoder.getInstance().quoteAsString(change.getEvent(), body);
    body.append("\",\"data\":").append(record).append(",\"timestamp\":\"");
    body.append(DatabaseTime.iso(change.getOccurredAt())).append('"');
    if (change.updatedFieldsJson() != null && change.getAction().equals("updated")) {
      body.append(",\"updatedFields\":").append(change.updatedFieldsJson());
    }
    return body.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }
}
