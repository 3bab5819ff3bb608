package io.crmwebhooks.verify;

import static io.crmwebhooks.verify.Verifier.ID;
import static io.crmwebhooks.verify.Verifier.MILLIS;
import static io.crmwebhooks.verify.Verifier.SECONDS;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crmwebhooks.verify.Finding.Fault;
import io.crmwebhooks.verify.Finding.Wrong;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
  record Part(Fault fault, String mistake, byte[] bytes) {
    Part(Fault fault, String mistake, String text) {
      this(fault, mistake, text.getBytes(UTF_8));
    }

    static Part right(byte[] bytes) {
      return new Part(Fault.NONE, "", bytes);
    }
  }

  private Mistakes() {}

  /** Whether one of these is the HMAC-SHA256 with this key; with an empty one there is none. */
  static boolean matches(List<byte[]> signatures, byte[] key, byte[] before, byte[] body) {
    try {
      if (key.length == 0) {
        return false;
      }
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(before);
      byte[] made = mac.doFinal(body);
      return signatures.stream().anyMatch(signature -> MessageDigest.isEqual(made, signature));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  /**
   * Ends the check with the fewest mistakes by which one of the signatures holds, if any do.
   *
   * @param keys the right one first, as in the other lists
   */
  static void explain(
      List<byte[]> signatures, List<Part> keys, List<Part> befores, List<Part> bodies)
      throws Wrong {
    int most = bodies.get(0).bytes.length <= SMALL ? 3 : 1;
    for (int mistakes = 1; mistakes <= most; mistakes++) {
      for (Part key : keys) {
        for (Part before : befores) {
          for (Part body : bodies) {
            var wrong = Stream.of(key, before, body).filter(p -> p.fault != Fault.NONE).toList();
            if (wrong.size() == mistakes
                && matches(signatures, key.bytes, before.bytes, body.bytes)) {
              String all = wrong.stream().map(Part::mistake).collect(Collectors.joining("; and "));
              wrong.get(0).fault.when(true, all);
            }
          }
        }
      }
    }
  }

  /**
   * @param key how the scheme reads the secret
   */
  static List<Part> ofSecret(String secret, byte[] key) {
    String bare = secret.strip().replaceAll("^['\"]|['\"]$", "");
    String rest = bare.replaceFirst("^whsec_", "");
    String around = "the secret has blanks or quotes around it that are not its own";
    String asText = "the sender has taken the secret as text, and not as base64";
    boolean same = bare.equals(secret);
    return List.of(
        Part.right(key),
        new Part(Fault.SECRET, same ? asText : around, bare),
        new Part(Fault.SECRET, same ? "the sender has decoded it as base64" : around, base64(rest)),
        new Part(Fault.SECRET, "the sender has taken the secret as text without whsec_", rest),
        new Part(Fault.SECRET, "the sender's secret ends in a line break", bare + "\n"));
  }

  /**
   * @param right the text that the scheme has before the body
   */
  static List<Part> ofTextBefore(String right, Map<String, String> headers) {
    String id = headers.get(ID) + ".";
    String millis = headers.getOrDefault(MILLIS, "");
    String seconds = headers.getOrDefault(SECONDS, millis.replaceFirst("...$", ""));
    String time = "the timestamp of the other header, or in the other unit, was signed";
    return List.of(
        Part.right(right.getBytes(UTF_8)),
        new Part(
            Fault.TIMESTAMP, time, right.equals(millis + ":") ? seconds + ":" : id + millis + "."),
        new Part(
            Fault.SCHEME,
            "it is over timestamp:body, as X-Twenty-Webhook-Signature is",
            millis + ":"),
        new Part(
            Fault.SCHEME,
            "it is over id.timestamp.body, as webhook-signature is",
            id + seconds + "."),
        new Part(Fault.SCHEME, "it is over timestamp.body, without the webhook-id", seconds + "."),
        new Part(Fault.SCHEME, "it is over id.body, without the timestamp", id),
        new Part(Fault.SCHEME, "it is over timestamp.body, and not timestamp:body", millis + "."),
        new Part(Fault.SCHEME, "it is over timestamp and body with nothing between", millis),
        new Part(Fault.SCHEME, "it is over the body alone", ""));
  }

  static List<Part> ofBody(byte[] body) {
    String text = new String(body, UTF_8);
    String end = "the body differs by blanks, or a line break, at its end or beginning";
    String breaks = "the body has line breaks of another system";
    String charset = "the body was decoded in another character set";
    List<Part> bodies = new ArrayList<>();
    bodies.add(Part.right(body));
    bodies.add(new Part(Fault.BODY, end, text.replaceFirst("\\R\\z", "")));
    bodies.add(new Part(Fault.BODY, end, text + "\n"));
    bodies.add(new Part(Fault.BODY, end, text.strip()));
    bodies.add(new Part(Fault.BODY, breaks, text.replace("\r\n", "\n")));
    bodies.add(new Part(Fault.BODY, breaks, text.replaceAll("(?<!\r)\n", "\r\n")));
    bodies.add(new Part(Fault.BODY, charset, text.getBytes(ISO_8859_1)));
    bodies.add(new Part(Fault.BODY, charset, new String(body, ISO_8859_1)));
    JsonNode json = json(text);
    if (json != null) {
      String written = "the body is the same JSON written otherwise; verify it before parsing";
      String twice = "the sender has signed the JSON text as a JSON string once more";
      bodies.add(new Part(Fault.BODY, written, json.toString()));
      bodies.add(new Part(Fault.BODY, written, json.toPrettyString()));
      bodies.add(new Part(Fault.BODY, written, json.toString().replace("/", "\\/")));
      bodies.add(new Part(Fault.BODY, twice, TextNode.valueOf(text).toString()));
    }
    return bodies;
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

  /** Nothing when it is broken. */
  static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }
}
