package io.crmwebhooks.verify;

import io.crmwebhooks.verify.Diagnosis.Content;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one check has to go by.
 *
 * @param headers by name, in any case
 * @param now when the request was received
 * @param tolerance how far its timestamp may be from that, either way
 */
record Evidence(
    String secret, Map<String, String> headers, byte[] body, Instant now, Duration tolerance) {
  /**
   * No time in seconds is as large before the year 5138, none in milliseconds as small since 1973.
   */
  private static final int LEAST_BYTES = 24; // of a shared secret, by Standard Webhooks

  private static final long MILLIS_FROM = 100_000_000_000L;

  String header(String name) {
    return headers.get(name);
  }

  boolean isKeyPair() {
    return secret.startsWith(SigningKey.PUBLIC);
  }

  void requireHeaders(String... names) throws FaultException {
    List<String> missing = Stream.of(names).filter(name -> !headers.containsKey(name)).toList();
    if (!missing.isEmpty()) {
      throw new FaultException(
          Fault.HEADER_MISSING, "the header " + String.join(" and ", missing) + " is missing");
    }
  }

  /** A number that a signature can be over, in whatever unit. */
  void requireNumber(String header) throws FaultException {
    if (!header(header).matches("\\d{1,15}")) {
      throw new FaultException(Fault.TIMESTAMP, header + " is no time");
    }
  }

  void requireSecret() throws FaultException {
    if (secret.isEmpty()) {
      throw new FaultException(Fault.SECRET, "the secret is empty, and an empty one signs nothing");
    }
    if (secret.startsWith(SigningKey.PRIVATE)) {
      throw new FaultException(
          Fault.SECRET, "whsk_… is the private key of the sender; give the public one, whpk_…");
    }
  }

  /**
   * Of a secret that nobody would have meant; empty when it may be right. What is given may still
   * have signed, so this is asked only when no signature holds.
   */
  private Optional<String> nearMiss() {
    if (secret.matches("(?is)v1a?,\\s*wh(sec|sk)_.*")) {
      return Optional.of(
          "the secret begins with v1, which stands before signatures; leave that out");
    }
    if (secret.matches("(?is)wh(sec|sk|pk)_.*") && !secret.matches("(?s)wh(sec|sk|pk)_.*")) {
      return Optional.of("the secret must begin in lower case: whsec_ or whpk_");
    }
    return secret.startsWith(SigningKey.SHARED) ? tooShort() : Optional.empty();
  }

  private Optional<String> tooShort() {
    try {
      int bytes = SigningKey.standard(secret).length;
      boolean whole = (secret.length() - SigningKey.SHARED.length()) % 4 == 0;
      return whole && bytes > 0 && bytes < LEAST_BYTES
          ? Optional.of(
              "the secret holds %d bytes behind whsec_, and at least %d are due: some characters may be missing"
                  .formatted(bytes, LEAST_BYTES))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // which is said by who reads it
    }
  }

  /** Of a signature that holds, all that may still be wrong. */
  Finding inTime(String scheme, String header, boolean millis) {
    long value = Long.parseLong(header(header));
    if (millis != value >= MILLIS_FROM) {
      return new Finding(
          scheme,
          Fault.TIMESTAMP,
          "%s must be in %s".formatted(header, millis ? "milliseconds" : "seconds"));
    }
    Instant sent = millis ? Instant.ofEpochMilli(value) : Instant.ofEpochSecond(value);
    Duration age = Duration.between(sent, now);
    if (age.compareTo(tolerance) > 0) {
      return new Finding(
          scheme,
          Fault.TOO_OLD,
          "the signature holds, but it is %s old, made at %s: a repeat, or this clock is ahead"
              .formatted(words(age), sent));
    }
    if (age.negated().compareTo(tolerance) > 0) {
      return new Finding(
          scheme,
          Fault.TOO_NEW,
          "the signature holds, but it is of %s from now, %s: one of the clocks is wrong"
              .formatted(words(age.negated()), sent));
    }
    return new Finding(scheme, Fault.NONE, "the signature holds, made at " + sent);
  }

  private static String words(Duration age) {
    if (age.toDays() > 1) {
      return age.toDays() + " days";
    }
    return age.toHours() > 1
        ? age.toHours() + " hours"
        : age.toMinutes() > 1 ? age.toMinutes() + " minutes" : age.toSeconds() + " s";
  }

  /** Of a signature that does not hold, why. */
  Finding explained(Diagnosis diagnosis, String scheme, byte[] key, List<Content> contents) {
    Optional<String> mistake = nearMiss();
    if (mistake.isPresent()) {
      return new Finding(scheme, Fault.SECRET, mistake.get());
    }
    return diagnosis
        .explain(scheme, Variant.ofSecret(secret, key), contents, Variant.ofBody(body))
        .orElseGet(() -> Diagnosis.unexplained(scheme, headers, body));
  }

  @Override
  public String toString() {
    return "a request with %d headers and a body of %d bytes"
        .formatted(headers.size(), body.length);
  }
}
