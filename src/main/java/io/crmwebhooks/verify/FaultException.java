package io.crmwebhooks.verify;

/** A check cannot go on: what is wrong is found. */
final class FaultException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Fault fault;

  FaultException(Fault fault, String message) {
    super(message, null, false, false);
    this.fault = fault;
  }

  Finding in(String scheme) {
    return new Finding(scheme, fault, getMessage());
  }
}
