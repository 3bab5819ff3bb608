package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.http.NewSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * The webhooks that a file asks for, as a request has them. A field that an entry leaves out has
 * its default, but for {@link #LEFT}. Used by one thread.
 *
 * @param name of the file
 * @param overlap how long the old secret still signs where another one replaces it
 */
record WebhookFile(String name, Duration overlap, List<Entry> entries) {
  static final int MOST = 1000;

  /**
   * Fields that an entry may leave to others: operators switch webhooks at night, and what is
   * secret can be read back by nobody.
   */
  private static final Set<String> LEFT = Set.of("enabled", "headers");

  private static final Function<JsonNode, String> NAME =
      Fields.text(100)
          .andThen(
              text -> {
                if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                  throw new IllegalArgumentException(
                      "must be letters, digits, dots, dashes and underscores, and begin with a letter or digit");
                }
                return text;
              });

  /**
   * A webhook that the file asks for.
   *
   * @param place in the request, for messages
   * @param id of the webhook that it takes over, where none has its name; null: none
   * @param given what it sets, by name
   * @param columns what it sets, defaults among it, by column, without the secret
   * @param secret null: it keeps its own
   * @param pair whether it has a key pair; the secret is then one that was made now
   * @param duplicate whether another webhook may have its target and operations
   * @param fields takes what is wrong with it
   */
  record Entry(
      String place,
      String name,
      UUID id,
      String workspace,
      ObjectNode columns,
      String secret,
      boolean pair,
      boolean duplicate,
      Fields fields) {
    @Override
    public String toString() {
      return "entry " + name;
    }
  }

  /**
   * Reads a request.
   *
   * @param known the fields of a webhook
   * @param defaults the value of each field that is left out, by name; one without is null
   * @param otherwise the overlap where the request names none
   * @throws Problem 400 naming every field that is wrong
   */
  static WebhookFile read(Call call, WebhookFields known, ObjectNode defaults, Duration otherwise) {
    ObjectNode body = call.body();
    Fields fields = Fields.ofBody(body, List.of("file", "overlap", "webhooks"));
    String file = fields.require("file", Fields.text(200).andThen(WebhookFile::fileName));
    Duration overlap = fields.read("overlap", Fields.text(20).andThen(WebhookActions::overlap));
    JsonNode webhooks = fields.require("webhooks", WebhookFile::array);
    List<Entry> entries = new ArrayList<>();
    List<Problem.FieldError> errors = new ArrayList<>(fields.errors());
    for (int i = 0; webhooks != null && i < webhooks.size(); i++) {
      String place = "webhooks[" + i + "]";
      if (webhooks.get(i) instanceof ObjectNode entry) {
        entries.add(entry(call, place, entry, known, defaults));
      } else {
        errors.add(new Problem.FieldError(place, "must be an object"));
      }
    }
    checkTwins(entries);
    errors.addAll(errors(entries));
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
    return new WebhookFile(file, overlap == null ? otherwise : overlap, entries);
  }

  /** The errors of all entries, each with its place. */
  static List<Problem.FieldError> errors(List<Entry> entries) {
    List<Problem.FieldError> errors = new ArrayList<>();
    for (Entry entry : entries) {
      for (Problem.FieldError error : entry.fields().errors()) {
        errors.add(new Problem.FieldError(entry.place() + "." + error.field(), error.message()));
      }
    }
    return errors;
  }

  private static Entry entry(
      Call call, String place, ObjectNode given, WebhookFields known, ObjectNode defaults) {
    Set<String> allowed = new HashSet<>(known.names());
    allowed.addAll(List.of(WebhookOperations.BESIDES));
    allowed.addAll(List.of("name", "id"));
    ObjectNode whole = given.deepCopy();
    for (String field : known.names()) {
      if (!given.has(field) && !field.equals("targetUrl") && !LEFT.contains(field)) {
        whole.set(field, defaults.get(field));
      }
    }
    Fields fields = Fields.ofBody(whole, allowed);
    if (!given.has("targetUrl")) {
      fields.error("targetUrl", "is missing");
    }
    String name = fields.require("name", NAME);
    UUID id = fields.uuid("id");
    String workspace = call.workspaceIn(fields);
    ObjectNode columns = known.columns(whole, fields);
    String text = fields.read("secret", Fields.text(500));
    boolean pair = WebhookSecrets.Given.isPair(fields, text);
    String secret = pair ? NewSecret.ed25519() : text;
    if (secret != null) {
      checkSecret(pair ? "ed25519" : "secret", secret, whole, fields);
    }
    return new Entry(
        place,
        name,
        id,
        workspace == null ? "" : workspace,
        columns,
        secret,
        pair,
        fields.isTrue("duplicate"),
        fields);
  }

  private static void checkSecret(String field, String secret, ObjectNode whole, Fields fields) {
    try {
      NewSecret.checkGiven(secret, WebhookSecrets.Given.schemes(whole));
    } catch (IllegalArgumentException e) {
      fields.error(field, e.getMessage());
    }
  }

  /** Two entries must not be one webhook. */
  private static void checkTwins(List<Entry> entries) {
    Map<String, Entry> named = new HashMap<>();
    Map<UUID, Entry> known = new HashMap<>();
    for (Entry entry : entries) {
      if (entry.name() != null
          && named.put(entry.workspace() + '\0' + entry.name(), entry) != null) {
        entry.fields().error("name", "is that of another entry");
      }
      if (entry.id() != null && known.put(entry.id(), entry) != null) {
        entry.fields().error("id", "is that of another entry");
      }
    }
  }

  private static String fileName(String text) {
    if (text.isBlank() || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("must be the name of a file, without control characters");
    }
    return text;
  }

  private static JsonNode array(JsonNode value) {
    if (!value.isArray() || value.size() > MOST) {
      throw new IllegalArgumentException("must be an array of at most " + MOST + " webhooks");
    }
    return value;
  }
}
