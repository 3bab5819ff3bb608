package io.crmwebhooks.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureCheckTest {
  private static final String WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final Instant NOW = Instant.ofEpochMilli(1735066639761L);
  private static final String BODY = "{\"event\":\"person.created\"}";

  @Test
  void accepts_the_published_twenty_vector() throws Exception {
    Map<String, String> headers = signed("your-secret", NOW);
    headers.put(
        "X-Twenty-Webhook-Signature",
        "110f71afc0a39743d18099ed4cdf542b8571449f8d99562b4bc8c8919a383dab");

    assertThat(check("your-secret", NOW).problem(headers::get, bytes(BODY))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "msg_p5jXN8AQM9LWM0D4loKWxJek | 1614265330 | {\"test\": 2432232314}"
            + " | v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "msg_22bd292a-71ab-46fe-a460-8632d6754ac6 | 1234 | {\"hello\":\"world\"}"
            + " | v1,qCVBRIv6rKQVhSJBAmUSE9GkdCdPe2j6xzzkm89UcoA=",
      })
  void accepts_the_published_standard_webhooks_vectors(
      String id, String timestamp, String body, String signature) throws Exception {
    Instant sent = Instant.ofEpochSecond(Long.parseLong(timestamp));
    Map<String, String> headers = signed(WHSEC, sent, body);
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", timestamp);
    headers.put("webhook-signature", signature);

    assertThat(check(WHSEC, sent).problem(headers::get, bytes(body))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {WHSEC, "a plain secret, not base64: äöü"})
  void accepts_what_the_official_library_signs(String secret) throws Exception {
    assertThat(check(secret, NOW).problem(signed(secret, NOW)::get, bytes(BODY))).isEmpty();
  }

  @Test
  void accepts_one_right_entry_among_those_of_a_rotation() throws Exception {
    Map<String, String> headers = signed(WHSEC, NOW);
    headers.computeIfPresent("webhook-signature", (name, right) -> "v1,AAAA v1a,BBBB " + right);

    assertThat(check(WHSEC, NOW).problem(headers::get, bytes(BODY))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "X-Twenty-Webhook-Signature, 00, X-Twenty-Webhook-Signature does not match",
    "X-Twenty-Webhook-Timestamp, 1735066639762, X-Twenty-Webhook-Signature does not match",
    "X-Twenty-Webhook-Signature, , X-Twenty-Webhook-Signature or its timestamp is missing",
    "webhook-signature, 'v1,AAAA', webhook-signature does not match",
    "webhook-id, msg_other, webhook-signature does not match",
    "webhook-timestamp, 1735066640, webhook-signature does not match",
    "webhook-id, , 'webhook-signature, webhook-id or webhook-timestamp is missing'",
  })
  void says_which_signature_is_wrong_when_a_header_was_changed(
      String header, String value, String problem) throws Exception {
    Map<String, String> headers = signed(WHSEC, NOW);
    headers.put(header, value);

    assertThat(check(WHSEC, NOW).problem(headers::get, bytes(BODY))).contains(problem);
  }

  @Test
  void refuses_a_changed_body_and_another_secret() throws Exception {
    Map<String, String> headers = signed(WHSEC, NOW);

    assertThat(check(WHSEC, NOW).problem(headers::get, bytes(BODY + " "))).isPresent();
    assertThat(check("whsec_c2Vjb25k", NOW).problem(headers::get, bytes(BODY))).isPresent();
  }

  @Test
  void refuses_a_standard_signature_made_with_the_text_of_a_whsec_secret() throws Exception {
    Map<String, String> headers = signed(WHSEC, NOW);
    headers.put("webhook-signature", signed("x" + WHSEC, NOW).get("webhook-signature"));

    assertThat(check(WHSEC, NOW).problem(headers::get, bytes(BODY)))
        .contains("webhook-signature does not match");
  }

  @ParameterizedTest
  @CsvSource({"301, 301", "-301, 301"})
  void refuses_a_right_signature_outside_the_tolerance(long late, long said) throws Exception {
    assertThat(check(WHSEC, NOW.plusSeconds(late)).problem(signed(WHSEC, NOW)::get, bytes(BODY)))
        .contains("X-Twenty-Webhook-Timestamp is " + said + " s away from now");
  }

  @Test
  void takes_a_timestamp_at_the_edge_of_the_tolerance() throws Exception {
    Instant whole = Instant.ofEpochSecond(NOW.getEpochSecond());
    assertThat(check(WHSEC, whole.plusSeconds(300)).problem(signed(WHSEC, whole)::get, bytes(BODY)))
        .isEmpty();
  }

  private static SignatureCheck check(String secret, Instant now) {
    return new SignatureCheck(secret, Clock.fixed(now, ZoneOffset.UTC), Duration.ofMinutes(5));
  }

  static Map<String, String> signed(String secret, Instant sent) throws Exception {
    return signed(secret, sent, BODY);
  }

  /** Both signatures: the standard one by the official library, the other one spelled out. */
  static Map<String, String> signed(String secret, Instant sent, String body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(bytes(secret), "HmacSHA256"));
    byte[] twenty = mac.doFinal(bytes(sent.toEpochMilli() + ":" + body));
    Webhook standard =
        new Webhook(
            secret.startsWith("whsec_")
                ? secret
                : Base64.getEncoder().encodeToString(bytes(secret)));
    Map<String, String> headers = new HashMap<>();
    headers.put("X-Twenty-Webhook-Timestamp", Long.toString(sent.toEpochMilli()));
    headers.put("X-Twenty-Webhook-Signature", HexFormat.of().formatHex(twenty));
    headers.put("webhook-id", "msg_1");
    headers.put("webhook-timestamp", Long.toString(sent.getEpochSecond()));
    headers.put("webhook-signature", standard.sign("msg_1", sent.getEpochSecond(), body));
    return headers;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
