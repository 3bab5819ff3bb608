package io.crmwebhooks.verify;

import java.util.Locale;

/**
 * The result of checking one signature.
 *
 * @param scheme {@code standard} or {@code twenty}
 * @param message one sentence for the reader who looks for the error; never holds the secret
 */
public record Finding(String scheme, Fault fault, String message) {
  /** Which part of a signed request is wrong. */
  public enum Fault {
    NONE,
    HEADER_MISSING, // a header that the scheme needs
    TIMESTAMP, // no number, or in another unit
    TOO_OLD, // the signature holds, but the request is older than the tolerance
    TOO_NEW, // the signature holds, but the request comes from the future: a clock is wrong
    SIGNATURE_FORM, // not written as the scheme has it, such as broken base64
    SCHEME, // made by another scheme, or over other content
    BODY, // not the bytes that were signed
    SECRET, // not the one that signed, or read in another way
    HEADER, // secret and body are right, but a header of this scheme is not the one that was sent
    SECRET_OR_BODY; // nothing tells which of both

    /** As in JSON. */
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Ends a check that has found this fault. */
    void when(boolean wrong, String message) throws Wrong {
      if (wrong) {
        throw new Wrong(this, message);
      }
    }
  }

  public boolean holds() {
    return fault == Fault.NONE;
  }

  /** Has ended a check. */
  static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    final Fault fault;

    private Wrong(Fault fault, String message) {
      super(message, null, false, false);
      this.fault = fault;
    }
  }
}
