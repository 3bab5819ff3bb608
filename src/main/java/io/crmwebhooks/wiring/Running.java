package io.crmwebhooks.wiring;

import java.util.Optional;

/** The routes at work over one database, which stays open when they are closed. */
public interface Running extends AutoCloseable {
  /**
   * The token that this start has made because there had never been one and none is configured; it
   * is kept nowhere else.
   */
  Optional<String> firstToken();

  /** The port of the admin API, also where any free one was asked for. */
  int port();

  /**
   * Finishes what is in flight within {@code webhooks.shutdown.timeout}, and gives back the rest.
   */
  @Override
  void close();
}
