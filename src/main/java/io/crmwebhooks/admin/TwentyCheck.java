package io.crmwebhooks.admin;

import static io.crmwebhooks.database.Sql.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.database.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks at the Twenty in a database: its generation, workspaces, objects and webhooks, and how they
 * are served. It only reads. Used by one thread.
 */
public final class TwentyCheck {
  private final Connection connection;
  private final boolean shareRestricted;
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private String role;

  /**
   * @param connection sees the schema {@code webhooks}
   * @param shareRestricted whether records may leave that Twenty shares with some only
   */
  public TwentyCheck(Connection connection, boolean shareRestricted) {
    this.connection = connection;
    this.shareRestricted = shareRestricted;
  }

  /**
   * {@code generation}, {@code role}, {@code workspaces} with {@code objects} and {@code webhooks},
   * and sentences: {@code problems} for which it cannot be served, and {@code warnings}.
   */
  public ObjectNode report() throws SQLException {
    ObjectNode report = rows(sql("find-twenty.sql"), Map.of()).get(0);
    role = report.path("role").asText();
    ArrayNode workspaces = report.putArray("workspaces");
    problems.addAll(unsupported(report.path("generation").asText()));
    if (problems.isEmpty() && mayRead(List.of())) {
      for (ObjectNode workspace : rows(sql("list-workspaces.sql"), Map.of())) {
        workspaces.add(look(workspace));
      }
      if (workspaces.isEmpty()) {
        problems.add("Twenty has no active workspace");
      }
    }
    problems.forEach(report.putArray("problems")::add);
    warnings.forEach(report.putArray("warnings")::add);
    return report;
  }

  /** Why a generation cannot be served; empty: it can. */
  static List<String> unsupported(String generation) {
    return switch (generation) {
      case "none" ->
          List.of("there is no Twenty in this database: it has no table core.\"objectMetadata\"");
      case "0.x" ->
          List.of(
              "this Twenty is not supported, because its webhooks and metadata stand in other tables;"
                  + " upgrade it to 1.0 or later");
      default -> List.of();
    };
  }

  private ObjectNode look(ObjectNode workspace) throws SQLException {
    String id = workspace.path("workspace").asText();
    if (workspace.path("recordSharing").asBoolean() && !shareRestricted) {
      problems.add(
          "record sharing is on in workspace %s, so webhooks would send what Twenty holds back; webhooks.twenty.share-restricted=true allows it"
              .formatted(id));
    }
    if (workspace.path("problem").isTextual()) {
      warnings.add("workspace %s: %s".formatted(id, workspace.path("problem").asText()));
    }
    ArrayNode objects = workspace.putArray("objects");
    if (mayRead(List.of(workspace.path("schema").asText()))) {
      objects.addAll(rows(sql("list-objects.sql"), Map.of("workspace", id)));
    }
    Set<String> names = new HashSet<>();
    for (JsonNode object : objects) {
      names.add(object.path("object").asText());
      warnOf(object, workspace.path("installed").asBoolean());
    }
    ArrayNode webhooks = workspace.putArray("webhooks");
    for (ObjectNode webhook : rows(sql("list-crm-webhooks.sql"), Map.of("workspace", id))) {
      webhooks.add(webhook);
      warnOf(webhook, names);
    }
    return workspace;
  }

  private void warnOf(JsonNode object, boolean installed) {
    String name = object.path("object").asText();
    if (object.path("problem").isTextual()) {
      warnings.add("%s is not captured: %s".formatted(name, object.path("problem").asText()));
    } else if (installed && !object.path("captured").asBoolean()) {
      warnings.add(
          name + " is not captured yet; a running process does it, and so does twenty install");
    }
    for (JsonNode field : object.path("fields")) {
      warnings.add(
          "%s.%s is sent otherwise than Twenty sends it: %s"
              .formatted(name, field.path("field").asText(), field.path("problem").asText()));
    }
  }

  private void warnOf(JsonNode webhook, Set<String> objects) {
    String id = webhook.path("id").asText();
    if (webhook.path("state").asText().equals("taken")) {
      warnings.add("webhook %s is not served: its id is that of another webhook".formatted(id));
    }
    for (JsonNode operation : webhook.path("operations")) {
      String object = operation.asText().replaceFirst("\\..*", "");
      if (object.equals("metadata")) {
        warnings.add(
            "webhook %s asks for %s: changes of metadata are not sent"
                .formatted(id, operation.asText()));
      } else if (!object.equals("*") && !objects.isEmpty() && !objects.contains(object)) {
        warnings.add(
            "webhook %s asks for %s: there is no such object".formatted(id, operation.asText()));
      }
    }
  }

  /** Notes the rights that are missing; with one to read missing, nothing else can be said. */
  private boolean mayRead(List<String> schemas) throws SQLException {
    boolean readable = true;
    for (JsonNode missing : rows(sql("list-missing-rights.sql"), Map.of("schemas", schemas))) {
      String schema = missing.path("schema").asText();
      if (schema.equals("core") && !schemas.isEmpty()) {
        continue; // said before
      }
      String privilege = missing.path("privilege").asText();
      List<String> tables = new ArrayList<>();
      missing.path("tables").forEach(table -> tables.add(table.asText()));
      String where =
          tables.isEmpty()
              ? "schema " + schema
              : "%s of schema %s".formatted(String.join(", ", tables), schema);
      problems.add(
          "the role %s lacks the right %s on %s; the role of Twenty's own PG_DATABASE_URL has all rights"
              .formatted(role, privilege, where));
      readable &= privilege.equals("TRIGGER");
    }
    return readable;
  }

  private List<ObjectNode> rows(String statement, Map<String, ?> parameters) throws SQLException {
    return Sql.rows(connection, statement, parameters);
  }
}
