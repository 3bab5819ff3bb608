package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.admin.ManagedCaptures;
import io.crmwebhooks.admin.Problem;
import io.crmwebhooks.cli.ExitCode.CommandFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file of webhooks and captured tables. The API judges the webhooks; this looks at what it never
 * sees. Used by one thread.
 */
final class ConfigFile {
  private static final Set<String> KEYS = Set.of("name", "captures", "webhooks");
  private static final Set<String> OF_CAPTURE =
      Set.of("schema", "table", "object", "workspace", "ignoredColumns");

  private final YamlFile yaml;
  private final ConfigSchema schema;
  private final Path path;
  private final List<ManagedCaptures.Wanted> captures = new ArrayList<>();

  private ConfigFile(YamlFile yaml, ConfigSchema schema, Path path) {
    this.yaml = yaml;
    this.schema = schema;
    this.path = path;
  }

  /**
   * Reads a file.
   *
   * @param path {@code -} is stdin
   * @throws CommandFailure when it is no such file, naming every line that is wrong
   */
  static ConfigFile read(Path path, ConfigSchema schema) {
    String shown = path.toString().equals("-") ? "stdin" : path.toString();
    ConfigFile file = new ConfigFile(YamlFile.read(shown, Input.bytes(path)), schema, path);
    if (file.yaml.errors().isEmpty()) {
      file.checkStructure();
    }
    file.refuse(ExitCode.USAGE);
    return file;
  }

  private void checkStructure() {
    JsonNode root = yaml.root();
    root.fieldNames()
        .forEachRemaining(
            key -> {
              if (!KEYS.contains(key)) {
                yaml.error(key, "is none of captures, name and webhooks");
              }
            });
    if (!root.path("webhooks").isArray()) {
      yaml.error("webhooks", "must be a list; without any it is []");
    }
    if (root.has("name") ? !root.path("name").isTextual() : path.toString().equals("-")) {
      yaml.error("name", "must be a text, and there when the file comes from stdin");
    }
    JsonNode tables = root.path("captures");
    if (!tables.isMissingNode() && !tables.isArray()) {
      yaml.error("captures", "must be a list");
    }
    Set<String> twice = new HashSet<>();
    for (int i = 0; i < tables.size(); i++) {
      ManagedCaptures.Wanted table = capture(tables.get(i), "captures[" + i + "]");
      captures.add(table);
      if (!twice.add(table.schema() + '\0' + table.table())) {
        yaml.error("captures[" + i + "]", "is the table of another entry");
      }
    }
  }

  private ManagedCaptures.Wanted capture(JsonNode entry, String place) {
    if (!entry.isObject()) {
      yaml.error(place, "must be a mapping with a table");
    }
    entry
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!OF_CAPTURE.contains(key)) {
                yaml.error(place + '.' + key, "is none of the keys of a capture");
              }
            });
    String table = text(entry, place, "table", "");
    if (table.isEmpty()) {
      yaml.error(place + ".table", "must not be empty");
    }
    List<String> ignored = new ArrayList<>();
    for (JsonNode column : entry.path("ignoredColumns")) {
      ignored.add(column.asText());
    }
    if (entry.has("ignoredColumns") && !entry.path("ignoredColumns").isArray()) {
      yaml.error(place + ".ignoredColumns", "must be a list of columns");
    }
    return new ManagedCaptures.Wanted(
        text(entry, place, "schema", "public"),
        table,
        text(entry, place, "object", CaptureCommand.objectOf(table)),
        text(entry, place, "workspace", ""),
        ignored);
  }

  private String text(JsonNode entry, String place, String key, String otherwise) {
    if (entry.has(key) && !entry.path(key).isTextual()) {
      yaml.error(place + '.' + key, "must be a text");
    }
    return entry.path(key).asText(otherwise);
  }

  /** The name that the webhooks know it by: the one that it says, or else that of the file. */
  String name() {
    return yaml.root().path("name").asText(String.valueOf(path.getFileName()));
  }

  /**
   * The webhooks with their secrets, as the API takes them.
   *
   * @param environment variables that they may stand in
   * @throws CommandFailure when one is in the file, or not where the file says
   */
  ArrayNode webhooks(Map<String, String> environment) {
    ArrayNode webhooks = yaml.root().path("webhooks").deepCopy();
    Path folder = path.toAbsolutePath().getParent();
    SecretPlaces places = new SecretPlaces(environment, folder, yaml::error);
    for (int i = 0; i < webhooks.size(); i++) {
      if (webhooks.get(i) instanceof ObjectNode webhook) {
        String place = "webhooks[" + i + "].";
        schema
            .fields()
            .forEach((name, contracted) -> places.fill(webhook, name, contracted, place));
      }
    }
    refuse(ExitCode.USAGE);
    return webhooks;
  }

  /** The tables that it wants captured. */
  List<ManagedCaptures.Wanted> captures() {
    return captures;
  }

  /** The refusal of the API, with file and line. */
  CommandFailure explained(Problem problem) {
    for (Problem.FieldError error : problem.errors()) {
      yaml.error(error.field().equals("file") ? "name" : error.field(), error.message());
    }
    if (problem.errors().isEmpty()) {
      throw problem;
    }
    return failure(problem.status() == 409 ? ExitCode.FAILED : ExitCode.USAGE);
  }

  /**
   * @throws CommandFailure when there are errors, naming all of them
   */
  void refuse(int exitCode) {
    if (!yaml.errors().isEmpty()) {
      throw failure(exitCode);
    }
  }

  private CommandFailure failure(int exitCode) {
    List<String> errors = yaml.errors();
    return new CommandFailure(
        exitCode,
        errors.size() == 1
            ? errors.get(0)
            : "%d errors%n%s"
                .formatted(errors.size(), String.join(System.lineSeparator(), errors)));
  }
}
