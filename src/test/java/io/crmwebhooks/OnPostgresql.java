package io.crmwebhooks;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** A test of what the engine PostgreSQL alone does; {@code -Dtest.engine=kafka} leaves it out. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@DisabledIfSystemProperty(named = "test.engine", matches = "kafka")
@interface OnPostgresql {
  /** The difference. */
  String value();
}
