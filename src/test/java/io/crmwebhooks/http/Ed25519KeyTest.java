package io.crmwebhooks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.PublicKeyCheck;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures with a key pair: what RFC 8032 publishes, and what receivers verify with. */
class Ed25519KeyTest {
  private static final byte[] BODY = utf8("{\"name\":\"Zoë 𝄞\"}");

  @ParameterizedTest
  @CsvSource({
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60, d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a, '', e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7, fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025, af82, 6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
  })
  void signs_the_vectors_of_rfc_8032_whether_or_not_the_public_key_is_in_the_secret(
      String seed, String publicKey, String message, String signature) {
    for (String secret : new String[] {whsk(seed), whsk(seed + publicKey)}) {
      SigningKey.Pair key = new SigningKey.Pair(secret);
      assertThat(key.publicKey()).isEqualTo("whpk_" + base64(publicKey));
      assertThat(key.standard(HexFormat.of().parseHex(message), new byte[0]))
          .isEqualTo("v1a," + base64(signature));
    }
  }

  @Test
  void a_new_pair_signs_what_its_public_key_verifies() {
    String secret = NewSecret.ed25519();
    String publicKey = NewSecret.publicKey(secret).orElseThrow();
    String signature = new WebhookSigner(secret).standard("msg_1", 5, BODY);
    assertThat(PublicKeyCheck.holds(publicKey, signature, "msg_1", 5, BODY)).isTrue();
    assertThat(PublicKeyCheck.holds(publicKey, signature, "msg_1", 6, BODY)).isFalse();
    assertThat(NewSecret.ed25519()).isNotEqualTo(secret);
  }

  @Test
  void the_private_key_makes_no_signature_that_only_a_shared_secret_could_verify() {
    WebhookSigner signer = new WebhookSigner(NewSecret.ed25519());
    assertThat(signer.twenty(1000, BODY)).isNull();
    assertThatThrownBy(
            () -> new WebhookSigner(NewSecret.ed25519(), "", Instant.EPOCH, Set.of(Scheme.TWENTY)))
        .hasMessageContaining("standard scheme only");
  }

  @Test
  void a_shared_secret_may_be_followed_by_a_key_pair_without_a_gap_in_either_scheme() {
    Instant end = Instant.ofEpochSecond(1000);
    String secret = NewSecret.ed25519();
    WebhookSigner signer = new WebhookSigner(secret, "old", end, Scheme.ALL);
    WebhookSigner old = new WebhookSigner("old");
    String[] both = signer.standard("msg_1", 999, BODY).split(" ");
    assertThat(both[0]).startsWith("v1a,");
    assertThat(both[1]).isEqualTo(old.standard("msg_1", 999, BODY));
    assertThat(signer.twenty(999_999, BODY)).isEqualTo(old.twenty(999_999, BODY));
    assertThat(signer.twenty(1_000_000, BODY)).isNull();
  }

  @Test
  void halves_of_two_pairs_are_refused() {
    String seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    assertThatThrownBy(() -> NewSecret.check(whsk(seed + "00".repeat(32)), Scheme.ALL))
        .hasMessageContaining("do not belong together")
        .message()
        .doesNotContain(base64(seed).substring(0, 8));
  }

  private static String whsk(String hex) {
    return "whsk_" + base64(hex);
  }

  private static String base64(String hex) {
    return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
