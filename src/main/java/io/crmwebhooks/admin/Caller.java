package io.crmwebhooks.admin;

import java.util.Objects;

/**
 * Who calls the API: the token that was shown.
 *
 * @param name of the token, for the log
 * @param workspace the only one that the caller may see; null: all
 */
public record Caller(String name, Role role, String workspace) {

  /** Whether something of this workspace exists for the caller. */
  public boolean sees(String ofWorkspace) {
    return workspace == null || Objects.equals(workspace, ofWorkspace);
  }
}
