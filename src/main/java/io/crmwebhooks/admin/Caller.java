package io.crmwebhooks.admin;

import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
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

  /** In the form in which the HTTP server hands it to the routes. */
  User toUser() {
    return User.create(
        new JsonObject().put("name", name).put("role", role.name()).put("workspace", workspace));
  }

  static Caller of(User user) {
    JsonObject principal = user.principal();
    return new Caller(
        principal.getString("name"),
        Role.valueOf(principal.getString("role")),
        principal.getString("workspace"));
  }
}
