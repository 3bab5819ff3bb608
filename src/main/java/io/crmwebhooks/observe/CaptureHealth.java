package io.crmwebhooks.observe;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Shows beside the other checks whether tables are captured as they should be. Always up: no probe
 * mends a trigger, and a new start neither. Asks the database nothing. Thread-safe.
 */
final class CaptureHealth extends AbstractHealthCheck {
  private final DatabaseReading reading;

  CaptureHealth(DatabaseReading reading) {
    super("crm-webhooks", "capture");
    this.reading = reading;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  public boolean isReadiness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    builder.detail("problems", reading.problems());
    builder.detail("lostChanges", reading.lost());
    if (reading.problems() > 0 || reading.lost() > 0) {
      builder.message("not all changes are captured: \"crm-webhooks check\" says why");
    }
    builder.up();
  }
}
