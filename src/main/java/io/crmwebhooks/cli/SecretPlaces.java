package io.crmwebhooks.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Puts secrets where a file names their places: {@code env:NAME} or {@code file:PATH}. A secret
 * that stands in the file itself is an error, which does not repeat it. Used by one thread.
 */
final class SecretPlaces {
  private static final int LARGEST = 65_536;

  private final Map<String, String> environment;
  private final Path folder;
  private final BiConsumer<String, String> errors;

  /**
   * @param folder that relative paths begin in
   * @param errors takes the place of an error, and what is wrong there
   */
  SecretPlaces(Map<String, String> environment, Path folder, BiConsumer<String, String> errors) {
    this.environment = environment;
    this.folder = folder;
    this.errors = errors;
  }

  /**
   * Puts the secrets of a field in place.
   *
   * @param schema of the field in the contract
   * @param place what stands before the name of the field in messages
   */
  void fill(ObjectNode of, String name, JsonNode schema, String place) {
    JsonNode value = of.path(name);
    if (ConfigSchema.isSecret(schema)) {
      secret(value, place + name).ifPresent(secret -> of.put(name, secret));
    } else if (value instanceof ObjectNode object) {
      for (String inner : object.properties().stream().map(Map.Entry::getKey).toList()) {
        JsonNode own = schema.path("properties").path(inner);
        JsonNode contracted = own.isObject() ? own : schema.path("additionalProperties");
        fill(object, inner, contracted, place + name + '.');
      }
    }
  }

  /** Empty where there is none, or an error. */
  private Optional<String> secret(JsonNode value, String place) {
    String text = value.asText();
    if (value.isMissingNode() || value.isNull() || value.isTextual() && text.isEmpty()) {
      return Optional.empty();
    }
    if (value.isTextual() && text.matches("env:.+")) {
      return variable(text.substring(4), place);
    }
    if (value.isTextual() && text.matches("file:.+")) {
      return file(text.substring(5), place);
    }
    errors.accept(
        place,
        "must be env:NAME or file:PATH, the place of a secret; a secret must not stand here");
    return Optional.empty();
  }

  private Optional<String> variable(String name, String place) {
    String value = environment.get(name);
    if (value == null || value.isEmpty()) {
      errors.accept(
          place,
          "is in the variable %s, which is %s"
              .formatted(name, value == null ? "not set" : "empty"));
      return Optional.empty();
    }
    return Optional.of(value);
  }

  private Optional<String> file(String path, String place) {
    try (InputStream in = Files.newInputStream(folder.resolve(path))) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      String text = new String(bytes, StandardCharsets.UTF_8).replaceFirst("\\R\\z", "");
      if (bytes.length <= LARGEST && !text.isEmpty()) {
        return Optional.of(text);
      }
      errors.accept(
          place,
          "is in the file %s, which is %s".formatted(path, text.isEmpty() ? "empty" : "too large"));
    } catch (IOException | InvalidPathException e) {
      errors.accept(place, "is in the file %s, which cannot be read".formatted(path));
    }
    return Optional.empty();
  }
}
