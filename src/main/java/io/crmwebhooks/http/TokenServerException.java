package io.crmwebhooks.http;

/**
 * An attempt ends because its webhook has no access token to send. The message names the token
 * server, so that nobody looks for the error at the receiver.
 */
final class TokenServerException extends EgressException {
  private static final long serialVersionUID = 1L;

  private final String problem;

  /**
   * @param problem in plain words, with nothing that the token server has said
   */
  TokenServerException(String problem) {
    super("token server: " + problem);
    this.problem = problem;
  }

  /** The same for another attempt. */
  TokenServerException again() {
    return new TokenServerException(problem);
  }
}
