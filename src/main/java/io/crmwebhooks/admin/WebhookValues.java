package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.http.ClientCredentials;
import io.crmwebhooks.http.CustomHeaders;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.jq.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Reads the values of the fields of a webhook: each makes of what is given what is kept, or throws
 * {@link IllegalArgumentException} with what it expects, to be read behind the field's name.
 */
final class WebhookValues {
  private static final int MOST_LABELS = 50;
  private static final int LONGEST_LABEL = 200;

  private WebhookValues() {}

  static JsonNode url(JsonNode value, UnaryOperator<String> check) {
    String given = Fields.text(2000).apply(value);
    try {
      return TextNode.valueOf(check.apply(given));
    } catch (IllegalArgumentException e) { // which says of itself what it is about
      throw new IllegalArgumentException(e.getMessage().replaceFirst("^target URL: ", ""), e);
    }
  }

  static JsonNode operations(JsonNode value) {
    Fields.list(500, "operations", Fields.text(200).andThen(Listing::checkedEvent)).apply(value);
    return value;
  }

  /** A jq program, which is compiled. */
  static JsonNode program(JsonNode value) {
    String given = Fields.text(Program.LONGEST).apply(value);
    Program.compile(given);
    return value;
  }

  static JsonNode contentType(JsonNode value) {
    try {
      return TextNode.valueOf(CustomHeaders.checkedContentType(Fields.text(200).apply(value)));
    } catch (IllegalArgumentException e) { // which names the header
      throw new IllegalArgumentException(e.getMessage().replace("header 'Content-Type' ", ""), e);
    }
  }

  static JsonNode recordFields(JsonNode value) {
    Fields.list(500, "fields", Fields.text(200)).apply(value);
    return value;
  }

  static JsonNode headers(JsonNode value) {
    if (!value.isObject()) {
      throw new IllegalArgumentException("must be an object of texts");
    }
    CustomHeaders headers = CustomHeaders.fromJson(value.toString());
    if (headers.asMap().values().stream().anyMatch(v -> v.startsWith(NewSecret.STORED_PREFIX))) {
      throw new IllegalArgumentException(
          "must have no value that begins with " + NewSecret.STORED_PREFIX);
    }
    return Json.trusted(headers.toJson());
  }

  /**
   * Client credentials as they are kept, but that the secret may be missing: {@link WebhookOAuth2}
   * says when.
   *
   * @param checkUrl of the token server, by the rules of target URLs
   */
  static JsonNode oauth2(JsonNode value, UnaryOperator<String> checkUrl) {
    if (!value.isObject()) {
      throw new IllegalArgumentException(
          "must be an object of " + String.join(", ", ClientCredentials.FIELDS));
    }
    ObjectNode kept = Json.object();
    for (Map.Entry<String, JsonNode> given : value.properties()) {
      String name = given.getKey();
      if (!ClientCredentials.FIELDS.contains(name)) {
        throw new IllegalArgumentException(
            "has no field but " + String.join(", ", ClientCredentials.FIELDS));
      }
      if (!given.getValue().isNull()) {
        kept.put(name, clientCredential(name, given.getValue(), checkUrl));
      }
    }
    for (String name : ClientCredentials.FIELDS) {
      if (!kept.has(name) && ClientCredentials.isNeeded(name) && !isClientSecret(name)) {
        throw new IllegalArgumentException(name + " is missing");
      }
    }
    return kept;
  }

  private static String clientCredential(
      String name, JsonNode value, UnaryOperator<String> checkUrl) {
    if (!value.isTextual()) {
      throw new IllegalArgumentException(name + " must be a text");
    }
    ClientCredentials.check(name, value.textValue());
    if (isClientSecret(name) && value.textValue().startsWith(NewSecret.STORED_PREFIX)) {
      throw new IllegalArgumentException(name + " must not begin with " + NewSecret.STORED_PREFIX);
    }
    if (!name.equals("tokenUrl")) {
      return value.textValue();
    }
    try {
      return url(value, checkUrl).textValue();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tokenUrl: " + e.getMessage(), e);
    }
  }

  private static boolean isClientSecret(String name) {
    return name.equals(ClientCredentials.SECRET);
  }

  static JsonNode labels(JsonNode value) {
    if (!value.isObject()) {
      throw new IllegalArgumentException("must be an object of texts");
    }
    if (value.size() > MOST_LABELS) {
      throw new IllegalArgumentException("must not have more than " + MOST_LABELS + " labels");
    }
    value.properties().forEach(label -> checkLabel(label.getKey(), label.getValue()));
    return value;
  }

  private static void checkLabel(String name, JsonNode value) {
    if (name.isBlank() || name.length() > LONGEST_LABEL) {
      throw new IllegalArgumentException(
          "must have names of 1 to " + LONGEST_LABEL + " characters, not only blanks");
    }
    if (!value.isTextual() || value.textValue().length() > LONGEST_LABEL) {
      throw new IllegalArgumentException(
          "must have texts of at most %d characters, but '%s' does not"
              .formatted(LONGEST_LABEL, name));
    }
  }

  static Function<JsonNode, JsonNode> oneOf(String... allowed) {
    return Fields.oneOf(List.of(allowed)).andThen(TextNode::valueOf);
  }

  static Function<JsonNode, JsonNode> text(int longest, UnaryOperator<String> check) {
    return value -> TextNode.valueOf(check.apply(Fields.text(longest).apply(value)));
  }

  static JsonNode signatureSchemes(JsonNode value) {
    schemes(value); // throws where it is none
    return value;
  }

  /** In which a webhook is signed; null when the body does not say. */
  static Set<Scheme> schemes(JsonNode value) {
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isArray() || value.size() > 10) {
      throw new IllegalArgumentException("must be an array of signature schemes");
    }
    List<String> texts = new ArrayList<>();
    value.forEach(scheme -> texts.add(Fields.text(20).apply(scheme)));
    return Scheme.parse(texts);
  }

  static JsonNode flag(JsonNode value) {
    return BooleanNode.valueOf(Fields.yesOrNo(value));
  }

  static JsonNode rateLimit(JsonNode value) {
    if (!value.isNumber() || value.doubleValue() < 0.00001 || value.doubleValue() > 10_000) {
      throw new IllegalArgumentException("must be a number from 0.00001 to 10000");
    }
    return value;
  }

  static Function<JsonNode, JsonNode> integer(int least, int most) {
    return value -> {
      if (!value.isInt() || value.intValue() < least || value.intValue() > most) {
        throw new IllegalArgumentException("must be a whole number from " + least + " to " + most);
      }
      return value;
    };
  }
}
