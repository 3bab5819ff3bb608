package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSignerTest {
  private static final String STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String OLD_SECRET = "whsec_dGhlIG9sZCBzZWNyZXQgb2YgdGhlIHdlYmhvb2s=";

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\0',
      delimiter = '|',
      value = {
        "msg_p5jXN8AQM9LWM0D4loKWxJek|1614265330|{\"test\": 2432232314}|v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "msg_22bd292a-71ab-46fe-a460-8632d6754ac6|1234|{\"hello\":\"world\"}|v1,qCVBRIv6rKQVhSJBAmUSE9GkdCdPe2j6xzzkm89UcoA="
      })
  void signs_the_public_vectors_of_standard_webhooks(
      String id, long timestamp, String body, String signature) {
    assertThat(new WebhookSigner(STANDARD_SECRET).standard(id, timestamp, utf8(body)))
        .isEqualTo(signature);
  }

  @Test
  void signs_the_public_vector_of_the_crm() {
    assertThat(
            new WebhookSigner("your-secret")
                .twenty(1735066639761L, utf8("{\"event\":\"person.created\"}")))
        .isEqualTo("110f71afc0a39743d18099ed4cdf542b8571449f8d99562b4bc8c8919a383dab");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"event\":\"person.created\",\"data\":{\"name\":\"Zoë 𝄞 \\u0000\"}}"})
  void satisfies_the_official_verifier(String body) throws Exception {
    long now = Instant.now().getEpochSecond();
    String signature = new WebhookSigner(STANDARD_SECRET).standard("msg_1", now, utf8(body));
    HttpHeaders headers = headers("msg_1", now, signature);
    new Webhook(STANDARD_SECRET).verify(body, headers);
    assertThatThrownBy(() -> new Webhook(STANDARD_SECRET).verify(body + " ", headers)).isNotNull();
  }

  @Test
  void takes_the_bytes_of_a_secret_without_prefix_as_the_key_of_both_schemes() {
    WebhookSigner signer = new WebhookSigner("schlüssel");
    // The same text is signed by both, so the same bytes must come out, written differently.
    String hex = signer.twenty(5, utf8("x"));
    assertThat(hex).hasSize(64).matches("[0-9a-f]+");
    assertThat(signer.standard("5:x", 1, utf8("y"))).startsWith("v1,").hasSize(3 + 44);
    assertThat(hex).isNotEqualTo(new WebhookSigner("schluessel").twenty(5, utf8("x")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "whsec_", "whsec_%%%", "whsk_", "whsk_%%%", "whsk_c2hvcnQ="})
  void refuses_a_secret_that_cannot_sign_without_repeating_it(String secret) {
    assertThatThrownBy(() -> new WebhookSigner(secret))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .doesNotContain("%%%", "c2hvcnQ");
  }

  @Test
  void signs_with_both_secrets_during_a_rotation_the_new_one_first() throws Exception {
    Instant end = Instant.now().plusSeconds(60);
    WebhookSigner signer = new WebhookSigner(STANDARD_SECRET, OLD_SECRET, end, Scheme.ALL);
    long now = Instant.now().getEpochSecond();
    String signatures = signer.standard("msg_1", now, utf8("{}"));
    assertThat(signatures)
        .isEqualTo(
            new WebhookSigner(STANDARD_SECRET).standard("msg_1", now, utf8("{}"))
                + " "
                + new WebhookSigner(OLD_SECRET).standard("msg_1", now, utf8("{}")));
    for (String secret : List.of(STANDARD_SECRET, OLD_SECRET)) {
      new Webhook(secret).verify("{}", headers("msg_1", now, signatures));
    }
    assertThat(signer.twenty(now * 1000, utf8("{}")))
        .isEqualTo(new WebhookSigner(STANDARD_SECRET).twenty(now * 1000, utf8("{}")));
  }

  @Test
  void the_time_of_the_signature_ends_the_rotation() {
    Instant end = Instant.ofEpochSecond(1000);
    WebhookSigner signer = new WebhookSigner(STANDARD_SECRET, OLD_SECRET, end, Scheme.ALL);
    assertThat(signer.standard("msg_1", 999, utf8("{}")).split(" ")).hasSize(2);
    assertThat(signer.standard("msg_1", 1000, utf8("{}")))
        .isEqualTo(new WebhookSigner(STANDARD_SECRET).standard("msg_1", 1000, utf8("{}")));
  }

  @Test
  void threads_that_sign_at_once_do_not_disturb_each_other() {
    WebhookSigner signer = new WebhookSigner(STANDARD_SECRET);
    List<String> alone =
        IntStream.range(0, 2000)
            .mapToObj(i -> signer.standard("msg_" + i, i, utf8("" + i)))
            .toList();
    List<String> together =
        IntStream.range(0, 2000)
            .parallel()
            .mapToObj(i -> signer.standard("msg_" + i, i, utf8("" + i)))
            .toList();
    assertThat(together).isEqualTo(alone).doesNotHaveDuplicates();
  }

  @Test
  void signs_in_the_chosen_schemes_only() {
    WebhookSigner twenty = signer(STANDARD_SECRET, Scheme.TWENTY);
    assertThat(twenty.standard("msg_1", 1, utf8("{}"))).isNull();
    assertThat(twenty.twenty(1000, utf8("{}"))).hasSize(64);
    WebhookSigner standard = signer(STANDARD_SECRET, Scheme.STANDARD);
    assertThat(standard.standard("msg_1", 1, utf8("{}"))).startsWith("v1,");
    assertThat(standard.twenty(1000, utf8("{}"))).isNull();
  }

  private static WebhookSigner signer(String secret, Scheme scheme) {
    return new WebhookSigner(secret, "", Instant.EPOCH, Set.of(scheme));
  }

  private static HttpHeaders headers(String id, long timestamp, String signature) {
    return HttpHeaders.of(
        Map.of(
            "webhook-id", List.of(id),
            "webhook-timestamp", List.of(Long.toString(timestamp)),
            "webhook-signature", List.of(signature)),
        (name, value) -> true);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
