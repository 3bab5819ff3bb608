package io.crmwebhooks.http;

import java.util.Map;

/**
 * The headers that a webhook's owner wants on every request, as they were stored: what is sent, or
 * why nothing can be. {@link #toString} holds no value.
 *
 * @param problem null: they can be sent
 */
public record OwnHeaders(Map<String, String> sent, String problem) {
  public static final OwnHeaders NONE = new OwnHeaders(Map.of(), null);

  /** Checks again what was stored, perhaps past the check of saving. */
  public static OwnHeaders of(String json) {
    try {
      return new OwnHeaders(CustomHeaders.fromJson(json).asMap(), null);
    } catch (IllegalArgumentException e) {
      return unusable(e.getMessage());
    }
  }

  /**
   * Those that cannot be sent.
   *
   * @param problem without their values
   */
  public static OwnHeaders unusable(String problem) {
    return new OwnHeaders(Map.of(), problem);
  }

  @Override
  public String toString() {
    return "headers " + sent.keySet();
  }
}
