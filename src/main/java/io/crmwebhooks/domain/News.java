package io.crmwebhooks.domain;

/** Takes what operators should know. Returns at once and never fails. */
public interface News {
  /** Where nobody is to be told, as on the command line. */
  News UNTOLD = (event, webhook, reason) -> {};

  /**
   * Tells that something has happened.
   *
   * @param event such as {@code webhook.disabled}
   * @param webhook the id of the webhook that it is about, or null
   * @param reason in words
   */
  void tell(String event, String webhook, String reason);
}
