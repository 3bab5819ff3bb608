package io.crmwebhooks.admin;

import io.crmwebhooks.settings.Version;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/** The operations on {@code /rest/tokens}. Thread-safe. */
public final class TokenOperations {
  private final Tokens tokens;

  public TokenOperations(Tokens tokens) {
    this.tokens = tokens;
  }

  /** What the token of the caller may do, so that a client offers nothing else. */
  public Answer caller(Call call) {
    return Answer.ok(
        Json.object()
            .put("name", call.caller().name())
            .put("role", call.caller().role().word())
            .put("workspace", call.caller().workspace())
            .put("version", Version.text()));
  }

  public Answer list(Call call) throws SQLException {
    return Answer.ok(Json.array().addAll(tokens.list(call.caller().workspace())));
  }

  /** A caller who is bound to a workspace makes tokens of that workspace only. */
  public Answer add(Call call) throws SQLException {
    Fields fields = new Fields(call.body(), List.of("name", "role", "workspace"));
    String name = fields.require("name", Fields.text(100));
    if (name != null && name.isBlank()) {
      fields.error("name", "must not be blank");
    }
    Role role =
        fields.require(
            "role",
            value ->
                Role.of(value.asText())
                    .orElseThrow(
                        () -> new IllegalArgumentException("must be read, operate or admin")));
    String workspace = fields.read("workspace", Fields.text(200));
    String bound = call.caller().workspace();
    if (workspace != null && !call.caller().sees(workspace)) {
      fields.error("workspace", "must be the one that your own token is bound to");
    }
    fields.check();
    Tokens.Made made =
        tokens
            .add(name, role, workspace == null ? bound : workspace)
            .orElseThrow(
                () -> Problem.of(409, "there is a token named \"" + name + "\"; revoke it first"));
    return Answer.created(
        "/rest/tokens/" + made.row().path("id").asText(),
        made.row().deepCopy().put("token", made.token()));
  }

  public Answer revoke(Call call) throws SQLException {
    UUID id = call.uuid("token");
    return tokens
        .revoke(id, call.caller().workspace())
        .map(row -> Answer.noContent())
        .orElseThrow(() -> Problem.notFound("token", id.toString()));
  }
}
