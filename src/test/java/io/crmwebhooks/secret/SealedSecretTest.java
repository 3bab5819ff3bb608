package io.crmwebhooks.secret;

import static io.crmwebhooks.secret.SealedSecret.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedSecretTest {
  private final StorageKey key = StorageKey.generate();
  private final UUID webhook = UUID.randomUUID();

  @ParameterizedTest
  @ValueSource(strings = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "schlüssel 𝄞", "$x$y$", "a"})
  void opens_to_what_was_sealed_and_names_its_key(String plain) {
    String sealed = SealedSecret.seal(key, SECRET, webhook, plain);
    assertThat(sealed).startsWith("$aes-256-gcm$" + key.id() + "$");
    assertThat(SealedSecret.isSealed(sealed)).isTrue();
    assertThat(SealedSecret.keyId(sealed)).isEqualTo(key.id());
    assertThat(SealedSecret.open(key, SECRET, webhook, sealed)).isEqualTo(plain);
  }

  @Test
  void the_same_secret_is_sealed_differently_each_time() {
    assertThat(SealedSecret.seal(key, SECRET, webhook, "secret"))
        .isNotEqualTo(SealedSecret.seal(key, SECRET, webhook, "secret"));
  }

  @Test
  void opens_for_no_other_webhook() {
    String sealed = SealedSecret.seal(key, SECRET, webhook, "secret");
    assertThatThrownBy(() -> SealedSecret.open(key, SECRET, UUID.randomUUID(), sealed))
        .isInstanceOf(SealedSecret.UnreadableException.class)
        .hasMessageContaining("another webhook");
  }

  @Test
  void a_secret_opens_as_no_header_and_a_header_under_no_other_name() {
    String secret = SealedSecret.seal(key, SECRET, webhook, "secret");
    String header = SealedSecret.seal(key, SealedSecret.header("X-A"), webhook, "value");
    assertThat(SealedSecret.open(key, SealedSecret.header("X-A"), webhook, header))
        .isEqualTo("value");
    assertThatThrownBy(() -> SealedSecret.open(key, SealedSecret.header("X-A"), webhook, secret))
        .isInstanceOf(SealedSecret.UnreadableException.class);
    assertThatThrownBy(() -> SealedSecret.open(key, SealedSecret.header("X-B"), webhook, header))
        .isInstanceOf(SealedSecret.UnreadableException.class)
        .hasMessageContaining("its stored header X-B");
  }

  @Test
  void opens_no_longer_when_any_character_of_it_was_changed() {
    String sealed = SealedSecret.seal(key, SECRET, webhook, "secret");
    int begin = SealedSecret.PREFIX.length() + key.id().length() + 1;
    for (int i = begin;
        i < sealed.length() - 3;
        i++) { // the last ones hold padding and bits that say nothing
      String changed =
          sealed.substring(0, i) + (sealed.charAt(i) == 'A' ? 'B' : 'A') + sealed.substring(i + 1);
      assertThatThrownBy(() -> SealedSecret.open(key, SECRET, webhook, changed))
          .isInstanceOf(SealedSecret.UnreadableException.class)
          .message()
          .doesNotContain(changed.substring(begin));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "$", "$AAAA", "$%%%", "$AAAAAAAAAAAAAAAAAAAA"})
  void what_only_looks_like_a_sealed_secret_is_unreadable_and_nothing_worse(String rest) {
    assertThatThrownBy(
            () -> SealedSecret.open(key, SECRET, webhook, SealedSecret.PREFIX + key.id() + rest))
        .isInstanceOf(SealedSecret.UnreadableException.class);
  }

  @Test
  void a_key_is_told_by_its_fingerprint_and_shows_itself_to_nobody() {
    assertThat(StorageKey.parse(key.base64()).id()).isEqualTo(key.id());
    assertThat(key.toString()).isEqualTo(key.id()).hasSize(8);
    assertThatThrownBy(() -> StorageKey.parse("c2hvcnQ=")).message().doesNotContain("c2hvcnQ");
    assertThatThrownBy(() -> StorageKey.parse("%%%")).message().doesNotContain("%");
  }
}
