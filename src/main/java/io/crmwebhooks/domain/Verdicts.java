package io.crmwebhooks.domain;

import org.apache.camel.Exchange;

/**
 * Takes what is to become of each change that goes through the customise route. Each change has one
 * verdict: the first counts, and what a step says that comes to its end after it does not.
 * Implementations are thread-safe.
 */
public interface Verdicts {
  /** The exchange property under which the routes carry it. */
  String PROPERTY = "verdicts";

  static Verdicts of(Exchange exchange) {
    return exchange.getProperty(PROPERTY, Verdicts.class);
  }

  /** A change is in its steps, for no longer than it may be. */
  void moves();

  /** Whether a change has its verdict. */
  boolean isSettled(Change change);

  /** The change is sent to nobody. */
  void drop(Change change);

  /** The change cannot be sent; operators are told. */
  void refuse(Change change, String reason);

  /** Nothing was begun with the change, and nothing will be for now. */
  void giveBack(Change change);
}
