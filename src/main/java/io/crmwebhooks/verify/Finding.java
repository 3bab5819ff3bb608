package io.crmwebhooks.verify;

/**
 * What came of checking one signature.
 *
 * @param scheme {@code standard} or {@code twenty}
 * @param message one sentence for whoever looks for the error; never holds the secret
 */
public record Finding(String scheme, Fault fault, String message) {
  public boolean holds() {
    return fault == Fault.NONE;
  }
}
