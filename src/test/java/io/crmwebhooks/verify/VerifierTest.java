package io.crmwebhooks.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.http.WebhookSigner;
import io.crmwebhooks.verify.Finding.Fault;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifierTest {
  private static final String WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final Instant NOW = Instant.ofEpochMilli(1735066639761L);
  private static final String BODY = "{\"event\":\"person.created\",\"data\":{\"url\":\"a/b\"}}";

  /** The headers of a sender; tests then spoil them. */
  private final Map<String, String> headers = PastedRequest.noHeaders();

  private VerifierTest() {
    sign(WHSEC, BODY);
  }

  private void sign(String secret, String body) {
    WebhookSigner signer = new WebhookSigner(secret);
    long millis = NOW.toEpochMilli();
    headers.put("Webhook-Id", "msg_1");
    headers.put("Webhook-Timestamp", Long.toString(millis / 1000));
    headers.put("Webhook-Signature", signer.standard("msg_1", millis / 1000, utf8(body)));
    headers.put("X-Twenty-Webhook-Timestamp", Long.toString(millis));
    headers.put("X-Twenty-Webhook-Signature", signer.twenty(millis, utf8(body)));
  }

  private List<Finding> check(String secret, String body, Instant now) {
    return new Verifier(secret, Duration.ofMinutes(5)).check(headers, utf8(body), now);
  }

  private List<Finding> check() {
    return check(WHSEC, BODY, NOW);
  }

  /** The faults of both schemes, the standard one first. */
  private static List<Fault> faults(List<Finding> findings) {
    return findings.stream().map(Finding::fault).toList();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {WHSEC, "your-secret", "not base64: äöü"})
  void what_the_sender_signs_holds(String secret) {
    sign(secret, BODY);
    assertThat(check(secret, BODY, NOW)).allMatch(Finding::holds).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {WHSEC, "a plain secret, not base64: äöü"})
  void what_the_official_library_signs_holds(String secret) throws Exception {
    headers.clear();
    headers.putAll(OfficialSignatures.of(secret, NOW, BODY));
    assertThat(check(secret, BODY, NOW)).allMatch(Finding::holds).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "msg_p5jXN8AQM9LWM0D4loKWxJek | 1614265330 | {\"test\": 2432232314} | v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "msg_22bd292a-71ab-46fe-a460-8632d6754ac6 | 1234 | {\"hello\":\"world\"} | v1,qCVBRIv6rKQVhSJBAmUSE9GkdCdPe2j6xzzkm89UcoA=",
      })
  void the_published_standard_webhooks_vectors_hold(
      String id, String timestamp, String body, String signature) {
    headers.clear();
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", timestamp);
    headers.put("webhook-signature", signature);
    Instant sent = Instant.ofEpochSecond(Long.parseLong(timestamp));
    assertThat(check(WHSEC, body, sent)).allMatch(Finding::holds).hasSize(1);
  }

  @Test
  void the_published_twenty_vector_holds() {
    headers.clear();
    headers.put("x-twenty-webhook-timestamp", "1735066639761");
    headers.put(
        "x-twenty-webhook-signature",
        "110f71afc0a39743d18099ed4cdf542b8571449f8d99562b4bc8c8919a383dab");
    assertThat(check("your-secret", "{\"event\":\"person.created\"}", NOW))
        .allMatch(Finding::holds)
        .hasSize(1);
  }

  @Test
  void one_of_several_signatures_is_enough() {
    String right = headers.get("webhook-signature");
    String other = new WebhookSigner("old").standard("msg_1", 1735066639L, utf8(BODY));
    headers.put("webhook-signature", other + " v2,future v1,AAAA v1a,BBBB " + right);
    assertThat(check()).allMatch(Finding::holds);
  }

  @Test
  void what_is_older_or_newer_than_the_tolerance_says_so_and_how_much() {
    List<Finding> old = check(WHSEC, BODY, NOW.plus(Duration.ofMinutes(90)));
    assertThat(faults(old)).containsExactly(Fault.TOO_OLD, Fault.TOO_OLD);
    assertThat(old.get(0).message()).contains("90 minutes old").contains("2024-12-24T18:57:19Z");
    List<Finding> early = check(WHSEC, BODY, NOW.minus(Duration.ofMinutes(6)));
    assertThat(faults(early)).containsExactly(Fault.TOO_NEW, Fault.TOO_NEW);
    assertThat(check(WHSEC, BODY, NOW.plusSeconds(299))).allMatch(Finding::holds);
  }

  @Test
  void another_body_is_told_from_another_secret_by_its_length() {
    headers.put("Content-Length", Integer.toString(BODY.length()));
    String other = BODY.replace("created", "updated!");
    List<Finding> findings = check(WHSEC, other, NOW);
    assertThat(faults(findings)).containsExactly(Fault.BODY, Fault.BODY);
    assertThat(findings.get(0).message()).contains("Content-Length says " + BODY.length());
  }

  @Test
  void a_body_that_is_cut_off_is_the_body() {
    Map.of("{\"event\":\"person.cre", "no whole JSON", "", "there is no body")
        .forEach(
            (cut, said) ->
                assertThat(check(WHSEC, cut, NOW))
                    .hasSize(2)
                    .allMatch(finding -> finding.fault() == Fault.BODY)
                    .allMatch(finding -> finding.message().contains(said)));
  }

  @Test
  void a_body_written_otherwise_is_recognised_as_the_same() {
    assertThat(faults(check(WHSEC, BODY + "\n", NOW))).containsOnly(Fault.BODY);
    assertThat(check(WHSEC, BODY + "\n", NOW).get(0).message())
        .contains("a line break, at its end");
    String spaced = "{ \"event\" : \"person.created\",\n \"data\" : {\"url\":\"a/b\"} }";
    assertThat(faults(check(WHSEC, spaced, NOW))).containsOnly(Fault.BODY);
    assertThat(check(WHSEC, spaced, NOW).get(0).message()).contains("before parsing");
    sign(WHSEC, BODY.replace("/", "\\/"));
    assertThat(faults(check())).containsOnly(Fault.BODY);
  }

  @Test
  void a_payload_that_was_stringified_twice_is_recognised() {
    String twice = '"' + BODY.replace("\"", "\\\"") + '"';
    sign(WHSEC, twice);
    List<Finding> findings = check();
    assertThat(faults(findings)).containsOnly(Fault.BODY);
    assertThat(findings.get(0).message()).contains("once more");
  }

  @Test
  void another_secret_with_a_whole_body_is_most_likely_the_secret() {
    List<Finding> findings =
        check("whsec_" + Base64.getEncoder().encodeToString(new byte[24]), BODY, NOW);
    assertThat(faults(findings)).containsOnly(Fault.SECRET_OR_BODY);
    assertThat(findings.get(0).message()).contains("look at the secret first");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "' your-secret' | blanks or quotes",
        "'\"your-secret\"' | blanks or quotes",
      })
  void a_secret_that_was_pasted_with_more_is_recognised(String pasted, String said) {
    sign("your-secret", BODY);
    List<Finding> findings = check(pasted, BODY, NOW);
    assertThat(faults(findings)).containsOnly(Fault.SECRET);
    assertThat(findings.get(0).message()).contains(said);
  }

  @Test
  void a_sender_that_reads_the_secret_otherwise_is_recognised() {
    sign(WHSEC.substring(6), BODY); // taken as text, without its prefix
    List<Finding> findings = check();
    assertThat(faults(findings)).containsOnly(Fault.SECRET);
    assertThat(findings.get(0).message()).contains("as text without whsec_");
    sign("your-secret\n", BODY);
    assertThat(check("your-secret", BODY, NOW).get(0).message()).contains("line break");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "whsec_ | base64 of 24 bytes",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS | base64 of 24 bytes",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaL | base64 of 24 bytes",
        "whsec_MfKQ9r8G*YqrTwjUPD8ILPZIo2LaLaSw | base64 of 24 bytes",
        "'' | is empty",
        "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | must begin with whsec_",
        "v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | must begin with whsec_",
        "v1a, whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | must begin with whsec_",
        "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | must begin with whsec_",
        "Whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | must begin with whsec_",
        "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw | no key pair has signed this",
        "whsec_c2hvcnQ= | base64 of 24 bytes",
        "' whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' | blanks or quotes",
        "'\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"' | blanks or quotes",
      })
  void a_secret_that_cannot_sign_says_why(String secret, String said) {
    Finding standard = check(secret, BODY, NOW).get(0);
    assertThat(standard.fault()).isEqualTo(Fault.SECRET);
    assertThat(standard.message()).contains(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "webhook-signature | v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4 | SIGNATURE_FORM | no whole entry",
        "webhook-signature | v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/p | SIGNATURE_FORM | no whole entry",
        "webhook-signature | v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/Hp | SIGNATURE_FORM | no whole entry",
        "webhook-signature | v1,K5oZ zN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= | SIGNATURE_FORM | no whole entry",
        "webhook-signature | v1,K5oZ*zN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= | SIGNATURE_FORM | no whole entry",
        "webhook-signature | v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN_H_pI4= | SIGNATURE_FORM | no whole entry",
        "webhook-signature | K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= | SIGNATURE_FORM | no whole entry",
        "webhook-signature | v2,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= | SIGNATURE_FORM | no whole entry",
        "webhook-signature | 110f71afc0a39743d18099ed4cdf542b8571449f8d99562b4bc8c8919a383dab | SCHEME | mixed up",
        "x-twenty-webhook-signature | 110f71afc0a39743d18099ed4cdf542b8571449f8d99562b4bc8c8919a383da | SIGNATURE_FORM | hexadecimal",
        "x-twenty-webhook-signature | 110F71AFC0A39743D18099ED4CDF542B8571449F8D99562B4BC8C8919A383DAB | SIGNATURE_FORM | upper case",
        "x-twenty-webhook-signature | K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= | SIGNATURE_FORM | hexadecimal",
        "x-twenty-webhook-signature | v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= | SCHEME | mixed up",
        "x-twenty-webhook-signature | sha256=110f71afc0a39743d18099ed4cdf542b8571449f8d99562b4bc8c8919a383dab | SCHEME | mixed up",
      })
  void a_signature_that_is_not_written_as_its_scheme_has_it_says_what_is_wrong(
      String header, String signature, Fault fault, String said) {
    headers.put(header, signature);
    Finding finding = check().get(header.startsWith("x-") ? 1 : 0);
    assertThat(finding.fault()).isEqualTo(fault);
    assertThat(finding.message()).contains(said);
  }

  @Test
  void a_signature_of_the_other_scheme_is_recognised() {
    long seconds = NOW.getEpochSecond();
    WebhookSigner signer = new WebhookSigner("your-secret");
    sign("your-secret", BODY);
    headers.put("x-twenty-webhook-signature", hex(signer.standard("msg_1", seconds, utf8(BODY))));
    Finding twenty = check("your-secret", BODY, NOW).get(1);
    assertThat(twenty.fault()).isEqualTo(Fault.SCHEME);
    assertThat(twenty.message()).contains("as webhook-signature is");
  }

  private static String hex(String standard) {
    byte[] bytes = Base64.getDecoder().decode(standard.substring(3));
    return java.util.HexFormat.of().formatHex(bytes);
  }

  @Test
  void a_timestamp_that_is_not_the_signed_one_is_named() {
    headers.put("x-twenty-webhook-timestamp", Long.toString(NOW.getEpochSecond()));
    Finding changed = check().get(1);
    assertThat(changed.fault()).isEqualTo(Fault.HEADER); // the other signature still holds
    headers.put("webhook-timestamp", "yesterday");
    assertThat(check().get(0).fault()).isEqualTo(Fault.TIMESTAMP);
    sign(WHSEC, BODY);
    headers.put(
        "x-twenty-webhook-signature",
        new WebhookSigner(WHSEC).twenty(NOW.getEpochSecond(), utf8(BODY)));
    Finding inSeconds = check().get(1);
    assertThat(inSeconds.fault()).isEqualTo(Fault.TIMESTAMP);
    assertThat(inSeconds.message()).contains("in the other unit");
  }

  @Test
  void a_timestamp_in_the_wrong_unit_is_wrong_though_it_is_signed() {
    long seconds = NOW.getEpochSecond();
    headers.put("x-twenty-webhook-timestamp", Long.toString(seconds));
    headers.put("x-twenty-webhook-signature", new WebhookSigner(WHSEC).twenty(seconds, utf8(BODY)));
    Finding twenty = check().get(1);
    assertThat(twenty.fault()).isEqualTo(Fault.TIMESTAMP);
    assertThat(twenty.message()).contains("must be in milliseconds");
  }

  @Test
  void a_changed_id_is_told_from_a_wrong_secret_by_the_other_signature() {
    headers.put("webhook-id", "msg_2");
    assertThat(faults(check())).containsExactly(Fault.HEADER, Fault.NONE);
  }

  @Test
  void missing_headers_are_named() {
    headers.remove("webhook-id");
    headers.remove("x-twenty-webhook-timestamp");
    List<Finding> findings = check();
    assertThat(faults(findings)).containsOnly(Fault.HEADER_MISSING);
    assertThat(findings.get(0).message()).isEqualTo("the header webhook-id is missing");
    assertThat(findings.get(1).message()).contains("X-Twenty-Webhook-Timestamp is missing");
    headers.clear();
    assertThat(check()).hasSize(1);
    assertThat(check().get(0).message()).contains("neither webhook-signature nor");
  }

  @Test
  void the_signature_of_a_key_pair_is_checked_by_its_public_key() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    String publicKey =
        "whpk_"
            + Base64.getEncoder()
                .encodeToString(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(pair.getPrivate());
    signature.update(utf8("msg_1." + NOW.getEpochSecond() + "." + BODY));
    headers.put("webhook-signature", "v1a," + Base64.getEncoder().encodeToString(signature.sign()));
    assertThat(check(publicKey, BODY, NOW).get(0).holds()).isTrue();
    assertThat(check(publicKey, BODY + " ", NOW).get(0).holds()).isFalse();
    assertThat(check().get(0).message()).contains("give its public key");
    assertThat(check("whpk_AAAA", BODY, NOW).get(0).message()).contains("no public key");
    sign(WHSEC, BODY);
    assertThat(faults(check(publicKey, BODY, NOW))).containsOnly(Fault.SECRET);
  }

  @Test
  void no_finding_repeats_the_secret() {
    for (String secret : List.of(WHSEC + "x", "geheim-und-lang", "whsec_*geheim*")) {
      assertThat(check(secret, BODY, NOW))
          .allSatisfy(finding -> assertThat(finding.message()).doesNotContain(secret.substring(6)));
    }
  }

  @Test
  void a_large_body_is_judged_soon() {
    String large = "{\"text\":\"" + "x".repeat(5_000_000) + "\"}";
    assertThat(check(WHSEC, large, NOW)).allMatch(finding -> !finding.holds());
  }
}
