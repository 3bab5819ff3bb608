package io.crmwebhooks.verify;

import java.util.Locale;

/** Which part of a signed request is wrong. */
public enum Fault {
  NONE,
  /** A header that the scheme needs is not there. */
  HEADER_MISSING,
  /** The timestamp is no number, or in another unit. */
  TIMESTAMP,
  /** The signature holds, but the request is older than the tolerance. */
  TOO_OLD,
  /** The signature holds, but the request is of the future: a clock is wrong. */
  TOO_NEW,
  /** The signature is not written as the scheme has it, such as broken base64. */
  SIGNATURE_FORM,
  /** The signature is of another scheme, or over other content than the scheme has. */
  SCHEME,
  /** The body is not the bytes that were signed. */
  BODY,
  /** The secret is not the one that signed, or was read in another way. */
  SECRET,
  /** Secret and body are right; a header of this scheme is not the one that was sent. */
  HEADER,
  /** Nothing tells which of both. */
  SECRET_OR_BODY;

  /** As in JSON. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
