package io.crmwebhooks.verify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * One of the ways in which people get a secret or a body wrong, with what it makes of it.
 *
 * @param fault null: this is as it should be
 */
record Variant(String fault, byte[] bytes) {
  private static final String PREFIX = "whsec_";
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));

  /**
   * @param right how the scheme reads the secret
   */
  static List<Variant> ofSecret(String secret, byte[] right) {
    List<Variant> all = new ArrayList<>(List.of(new Variant(null, right)));
    String bare = secret.strip().replaceAll("^['\"]|['\"]$", "");
    String rest = bare.startsWith(PREFIX) ? bare.substring(PREFIX.length()) : bare;
    if (!bare.equals(secret)) {
      add(
          all,
          "the secret has blanks or quotes around it that are not its own",
          bare.getBytes(UTF_8));
      add(all, "the secret has blanks or quotes around it that are not its own", base64(rest));
    }
    add(all, "the sender has taken the secret as text, and not as base64", bare.getBytes(UTF_8));
    add(all, "the sender has taken the secret as text without whsec_", rest.getBytes(UTF_8));
    add(all, "the sender has decoded the secret as base64", base64(rest));
    add(all, "the sender has decoded the secret as hexadecimal digits", hex(rest));
    add(all, "the sender's secret ends in a line break", (bare + "\n").getBytes(UTF_8));
    return all;
  }

  static List<Variant> ofBody(byte[] body) {
    List<Variant> all = new ArrayList<>(List.of(new Variant(null, body)));
    String text = new String(body, UTF_8);
    add(
        all,
        "the body has a line break at its end that was not sent",
        utf8(text.replaceFirst("\\R\\z", "")));
    add(all, "the body lacks the line break at its end", utf8(text + "\n"));
    add(all, "the body has line breaks of another system", utf8(text.replace("\r\n", "\n")));
    add(
        all,
        "the body has line breaks of another system",
        utf8(text.replaceAll("(?<!\r)\n", "\r\n")));
    add(all, "the body begins with a byte order mark", utf8(text.replaceFirst("^\uFEFF", "")));
    add(all, "the body has blanks around it", utf8(text.strip()));
    add(all, "the body was decoded in another character set", text.getBytes(ISO_8859_1));
    add(all, "the body was decoded in another character set", utf8(new String(body, ISO_8859_1)));
    JsonNode json = json(text);
    if (json != null) {
      String other =
          "the body is the same JSON written otherwise; verify the bytes as received, before parsing";
      add(all, other, utf8(json.toString()));
      add(all, other, utf8(json.toPrettyString()));
      add(all, other, utf8(json.toString().replace("/", "\\/")));
      add(
          all,
          "the sender has signed the JSON text as a JSON string once more",
          utf8(TextNode.valueOf(text).toString()));
      if (json.isTextual()) {
        add(all, "the body is JSON text within a JSON string", utf8(json.asText()));
      }
    }
    return all;
  }

  /** Null when it is none. */
  static JsonNode json(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      return json == null || json.isMissingNode() ? null : json;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static void add(List<Variant> all, String fault, byte[] bytes) {
    if (bytes != null
        && bytes.length > 0
        && all.stream().noneMatch(known -> Arrays.equals(known.bytes, bytes))) {
      all.add(new Variant(fault, bytes));
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static byte[] hex(String text) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  @Override
  public String toString() {
    return fault == null ? "as it should be" : fault;
  }
}
