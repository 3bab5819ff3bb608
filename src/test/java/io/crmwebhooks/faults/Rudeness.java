package io.crmwebhooks.faults;

/** The ways in which a receiver mistreats a sender. */
enum Rudeness {
  /** Answers 503. */
  ERROR,
  /** Takes the request and resets the connection. */
  RESET,
  /** Closes a kept-alive connection just when the next request comes in. */
  HANG_UP,
  /** Answers, and closes the connection without having said that it would. */
  CLOSE_UNANNOUNCED,
  /** Takes the request and never answers. */
  SILENCE,
  /** Accepts it, and answers a byte at a time, for ever. */
  TRICKLE,
  /** Accepts it, and answers with 100 MB. */
  ENORMOUS,
  /** Accepts it, with a chunk that has no length. */
  BROKEN_CHUNK,
  /**
   * Accepts it, with half of the body that it has announced, and says no more but keeps listening.
   */
  HALF_CLOSE,
  /** Accepts it before it has read it. */
  EARLY;

  /** Whether it accepts what whoever wants a whole answer takes for a failure. */
  boolean acceptsByHead() {
    return compareTo(TRICKLE) >= 0;
  }
}
