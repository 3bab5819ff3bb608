package io.crmwebhooks.http;

import java.net.UnknownHostException;

/**
 * A host has no address that may be called. The message says in plain words which address it has
 * and what kind of address that is. A kind of {@link UnknownHostException} because that is what a
 * resolver may throw.
 */
public final class BlockedAddressException extends UnknownHostException {
  private static final long serialVersionUID = 1L;

  BlockedAddressException(String message) {
    super(message);
  }
}
