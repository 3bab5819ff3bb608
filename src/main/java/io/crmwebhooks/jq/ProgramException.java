package io.crmwebhooks.jq;

/** A program gives no result for an input; the message says why, in a sentence for its author. */
public final class ProgramException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int LONGEST = 300;

  ProgramException(String message) {
    super(message.length() > LONGEST ? message.substring(0, LONGEST - 1) + "…" : message);
  }
}
