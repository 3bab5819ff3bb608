package io.crmwebhooks.verify;

import static io.crmwebhooks.verify.Finding.Fault.BODY;
import static io.crmwebhooks.verify.Finding.Fault.NONE;
import static io.crmwebhooks.verify.Finding.Fault.SCHEME;
import static io.crmwebhooks.verify.Finding.Fault.SECRET;
import static io.crmwebhooks.verify.Finding.Fault.TIMESTAMP;
import static io.crmwebhooks.verify.Signatures.ID;
import static io.crmwebhooks.verify.Signatures.MILLIS;
import static io.crmwebhooks.verify.Signatures.SECONDS;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.verify.Finding.Fault;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The mistakes that people make with a secret, with the text before the body, or with the body.
 * Signing with each of them tells how a signature was made that does not hold.
 */
final class Mistakes {
  /** Beyond this many bytes of a body only one mistake at a time is looked for. */
  private static final int SMALL = 64 << 10;

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));

  /** Bytes that may have been signed; {@link Fault#NONE}: they should have been. */
  record Part(Fault fault, String mistake, byte[] bytes) {}

  /** All secrets, texts or bodies that may have been signed, the right one first. */
  static final class Parts {
    private final List<Part> all = new ArrayList<>();

    Parts(byte[] right) {
      all.add(new Part(NONE, "", right));
    }

    byte[] right() {
      return all.get(0).bytes;
    }

    Parts or(Fault fault, String mistake, String text) {
      return or(fault, mistake, text.getBytes(UTF_8));
    }

    Parts or(Fault fault, String mistake, byte[] bytes) {
      if (all.stream().noneMatch(part -> Arrays.equals(part.bytes, bytes))) {
        all.add(new Part(fault, mistake, bytes));
      }
      return this;
    }
  }

  private Mistakes() {}

  /** The key must not be empty. */
  static boolean matches(List<byte[]> signatures, byte[] key, byte[] before, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(before);
      byte[] made = mac.doFinal(body);
      return signatures.stream().anyMatch(signature -> MessageDigest.isEqual(made, signature));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  /** The fewest mistakes by which one of the signatures holds. */
  static Optional<Part> explain(List<byte[]> signatures, Parts keys, Parts befores, Parts bodies) {
    List<List<Part>> attempts = new ArrayList<>();
    for (Part key : keys.all) {
      for (Part before : befores.all) {
        bodies.all.forEach(body -> attempts.add(List.of(key, before, body)));
      }
    }
    int most = bodies.right().length <= SMALL ? 3 : 1;
    return attempts.stream()
        .filter(parts -> wrong(parts).size() <= most && parts.get(0).bytes.length > 0)
        .sorted(Comparator.comparing(parts -> wrong(parts).size()))
        .filter(p -> matches(signatures, p.get(0).bytes, p.get(1).bytes, p.get(2).bytes))
        .map(Mistakes::wrong)
        .findFirst()
        .map(wrong -> new Part(wrong.get(0).fault, sentence(wrong), new byte[0]));
  }

  private static List<Part> wrong(List<Part> parts) {
    return parts.stream().filter(part -> part.fault != NONE).toList();
  }

  private static String sentence(List<Part> wrong) {
    return wrong.stream().map(Part::mistake).collect(Collectors.joining("; and "));
  }

  /**
   * @param key how the scheme reads the secret
   */
  static Parts ofSecret(String secret, byte[] key) {
    String bare = secret.strip().replaceAll("^['\"]|['\"]$", "");
    String rest = bare.replaceFirst("^whsec_", "");
    byte[] base64 = decoded(Base64.getDecoder()::decode, rest, key);
    Parts keys = new Parts(key);
    if (!bare.equals(secret)) {
      String around = "the secret has blanks or quotes around it that are not its own";
      keys.or(SECRET, around, bare).or(SECRET, around, base64);
    }
    byte[] hex = decoded(HexFormat.of()::parseHex, rest, key);
    return keys.or(SECRET, "the sender has taken the secret as text, and not as base64", bare)
        .or(SECRET, "the sender has taken the secret as text without whsec_", rest)
        .or(SECRET, "the sender has decoded the secret as base64", base64)
        .or(SECRET, "the sender has decoded the secret as hexadecimal digits", hex)
        .or(SECRET, "the sender's secret ends in a line break", bare + "\n");
  }

  /** The text before the body in {@code webhook-signature}. */
  static Parts beforeStandard(Map<String, String> headers) {
    String id = headers.get(ID) + ".";
    String seconds = headers.get(SECONDS);
    String millis = headers.get(MILLIS);
    String likeTwenty = "it is made as X-Twenty-Webhook-Signature is, over timestamp:body";
    String time = SECONDS + " is not the time that was signed, which was " + MILLIS;
    return new Parts((id + seconds + ".").getBytes(UTF_8))
        .or(TIMESTAMP, time, id + millis + ".")
        .or(SCHEME, likeTwenty, millis + ":")
        .or(SCHEME, likeTwenty, seconds + ":")
        .or(SCHEME, "it is over timestamp.body, without the webhook-id", seconds + ".")
        .or(SCHEME, "it is over id.body, without the timestamp", id)
        .or(SCHEME, "it is over the body alone", "");
  }

  /** As {@link #beforeStandard}, in {@code X-Twenty-Webhook-Signature}. */
  static Parts beforeTwenty(Map<String, String> headers) {
    String millis = headers.get(MILLIS);
    String seconds = headers.get(SECONDS);
    String standard = headers.get(ID) + "." + seconds + ".";
    String time = MILLIS + " is not the time that was signed, which was ";
    String dot = "it is over timestamp.body, with a dot where this scheme has a colon";
    return new Parts((millis + ":").getBytes(UTF_8))
        .or(TIMESTAMP, time + "the same in seconds", Long.parseLong(millis) / 1000 + ":")
        .or(TIMESTAMP, time + SECONDS, seconds + ":")
        .or(SCHEME, "it is made as webhook-signature is, over id.timestamp.body", standard)
        .or(SCHEME, dot, millis + ".")
        .or(SCHEME, "it is over the timestamp and the body with nothing between", millis)
        .or(SCHEME, "it is over the body alone, without the timestamp", "");
  }

  static Parts ofBody(byte[] body) {
    String text = new String(body, UTF_8);
    String end = "the body has a line break at its end that was not sent";
    String breaks = "the body has line breaks of another system";
    String charset = "the body was decoded in another character set";
    Parts bodies =
        new Parts(body)
            .or(BODY, end, text.replaceFirst("\\R\\z", ""))
            .or(BODY, "the body lacks the line break at its end", text + "\n")
            .or(BODY, breaks, text.replace("\r\n", "\n"))
            .or(BODY, breaks, text.replaceAll("(?<!\r)\n", "\r\n"))
            .or(BODY, "the body begins with a byte order mark", text.replaceFirst("^\uFEFF", ""))
            .or(BODY, "the body has blanks around it", text.strip())
            .or(BODY, charset, text.getBytes(ISO_8859_1))
            .or(BODY, charset, new String(body, ISO_8859_1));
    JsonNode json = json(text);
    if (json == null) {
      return bodies;
    }
    String written =
        "the body is the same JSON written otherwise; verify the bytes as received, before parsing";
    String within = json.isTextual() ? json.asText() : text;
    String twice = "the sender has signed the JSON text as a JSON string once more";
    return bodies
        .or(BODY, written, json.toString())
        .or(BODY, written, json.toPrettyString())
        .or(BODY, written, json.toString().replace("/", "\\/"))
        .or(BODY, twice, TextNode.valueOf(text).toString())
        .or(BODY, "the body is JSON text within a JSON string", within);
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

  /** Or else, where the text is not written so or holds nothing. */
  static byte[] decoded(Function<String, byte[]> decoder, String text, byte[] orElse) {
    try {
      byte[] bytes = decoder.apply(text);
      return bytes.length > 0 ? bytes : orElse;
    } catch (IllegalArgumentException e) {
      return orElse;
    }
  }
}
