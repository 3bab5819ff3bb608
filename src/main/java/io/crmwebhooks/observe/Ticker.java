package io.crmwebhooks.observe;

/** Nanoseconds of a clock that only goes forward. */
public interface Ticker {
  long nanos();
}
