package io.crmwebhooks.verify;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds out how signatures were made that do not hold: it signs with what people get wrong, in the
 * secret, in what stands before the body, and in the body, until one matches.
 */
final class Diagnosis {
  /** Beyond this only one error at a time is looked for. */
  private static final int SMALL = 64 << 10;

  /**
   * What is signed before the body.
   *
   * @param fault {@link Fault#NONE} when it is what the scheme has
   */
  record Content(Fault fault, String message, String before) {}

  private record Attempt(Variant key, Content content, Variant body) {
    int errors() {
      return (key.fault() == null ? 0 : 1)
          + (content.fault() == Fault.NONE ? 0 : 1)
          + (body.fault() == null ? 0 : 1);
    }

    Fault fault() {
      if (key.fault() != null) {
        return Fault.SECRET;
      }
      return content.fault() != Fault.NONE ? content.fault() : Fault.BODY;
    }

    String message() {
      return Stream.of(
              Optional.ofNullable(key.fault()),
              Optional.of(content.message()).filter(text -> content.fault() != Fault.NONE),
              Optional.ofNullable(body.fault()))
          .flatMap(Optional::stream)
          .collect(Collectors.joining("; and "));
    }
  }

  private final List<byte[]> signatures;

  Diagnosis(List<byte[]> signatures) {
    this.signatures = signatures;
  }

  boolean matches(byte[] key, String before, byte[] body) {
    byte[] made = SigningKey.hmac(key, before, body);
    return signatures.stream().anyMatch(signature -> MessageDigest.isEqual(made, signature));
  }

  /**
   * The least error that explains a signature; empty when none of those known does.
   *
   * @param keys the right one first
   * @param contents the right one first
   */
  Optional<Finding> explain(
      String scheme, List<Variant> keys, List<Content> contents, List<Variant> bodies) {
    List<Attempt> attempts = new ArrayList<>();
    for (Variant key : keys) {
      for (Content content : contents) {
        for (Variant body : bodies) {
          attempts.add(new Attempt(key, content, body));
        }
      }
    }
    int most = bodies.get(0).bytes().length <= SMALL ? 3 : 1;
    return attempts.stream()
        .filter(attempt -> attempt.errors() >= 1 && attempt.errors() <= most)
        .sorted((a, b) -> Integer.compare(a.errors(), b.errors()))
        .filter(
            attempt ->
                matches(attempt.key().bytes(), attempt.content().before(), attempt.body().bytes()))
        .findFirst()
        .map(found -> new Finding(scheme, found.fault(), found.message()));
  }

  /** What can still be said when nothing explains the signature. */
  static Finding unexplained(String scheme, Map<String, String> headers, byte[] body) {
    String length = headers.get("Content-Length");
    if (length != null && length.matches("\\d{1,18}") && Long.parseLong(length) != body.length) {
      return new Finding(
          scheme,
          Fault.BODY,
          "the body has %d bytes here, but Content-Length says %s: it is not what was sent"
              .formatted(body.length, length));
    }
    if (Variant.json(new String(body, StandardCharsets.UTF_8)) == null) {
      return new Finding(
          scheme,
          Fault.BODY,
          body.length == 0
              ? "there is no body"
              : "the body is no whole JSON: something of it is missing or was changed");
    }
    return new Finding(
        scheme,
        Fault.SECRET_OR_BODY,
        "another secret has signed this, or the body is not what was sent; the body is whole JSON, so look at the"
            + " secret first");
  }
}
