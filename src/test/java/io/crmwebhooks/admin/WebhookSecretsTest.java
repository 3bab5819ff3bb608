package io.crmwebhooks.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.TestDatabase;
import io.crmwebhooks.http.CustomHeaders;
import io.crmwebhooks.http.EgressRules;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.http.Scheme;
import io.crmwebhooks.secret.Secrets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebhookSecretsTest {
  private static final Duration DAY = Duration.ofDays(1);

  private final TestDatabase database = TestDatabase.create();
  private final Secrets stored = database.secrets();
  private final Webhooks webhooks =
      new Webhooks(
          database.dataSource(),
          EgressRules.of(database.settings(Map.of("webhooks.egress.allow", "localhost"))));
  private final WebhookSecrets secrets = new WebhookSecrets(database.dataSource(), () -> stored);

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void a_made_secret_is_shared_or_a_key_pair_after_a_key_pair() throws SQLException {
    assertThat(rotated("text").secret()).matches("whsec_[A-Za-z0-9+/]{43}=");
    assertThat(rotated("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").secret())
        .matches("whsec_[A-Za-z0-9+/]{43}=");
    assertThat(rotated(NewSecret.ed25519()))
        .satisfies(
            pair -> {
              assertThat(pair.secret()).isNull();
              assertThat(pair.publicKey()).startsWith("whpk_");
            });
  }

  @Test
  void a_webhook_that_was_unsigned_has_no_old_secret() throws SQLException {
    WebhookSecrets.Rotated rotated = rotated("");
    assertThat(rotated.secret()).matches("whsec_[A-Za-z0-9+/]{43}=");
    assertThat(rotated.previousUntil()).isNull();
  }

  @Test
  void what_a_rotation_returns_says_the_secret_to_no_log() throws SQLException {
    UUID webhook = add("secret", Scheme.ALL);
    WebhookSecrets.Rotated rotated = secrets.rotate(webhook, "new", DAY).orElseThrow();
    assertThat(rotated.toString()).doesNotContain("new");
    assertThat(rotated.previousUntil()).isNotNull();
  }

  @Test
  void a_new_secret_must_be_able_to_sign_and_be_another_one() throws SQLException {
    UUID webhook = add("secret", Set.of(Scheme.TWENTY));
    for (String wrong : List.of("", "secret", "whsec_%%%", "$aes-256-gcm$x", NewSecret.ed25519())) {
      assertThatThrownBy(() -> secrets.rotate(webhook, wrong, DAY))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(secrets.rotate(webhook, "new", Duration.ZERO).orElseThrow().previousUntil())
        .isNull();
  }

  @Test
  void a_new_webhook_must_be_able_to_sign() {
    assertThatThrownBy(() -> add("whsk_c2hvcnQ=", Scheme.ALL))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> add(NewSecret.ed25519(), Set.of(Scheme.TWENTY)))
        .hasMessageContaining("standard scheme only");
    assertThatThrownBy(() -> Scheme.parse(List.of("v1")))
        .hasMessageContaining("twenty or standard");
    assertThatThrownBy(() -> Scheme.parse(List.of())).hasMessageContaining("at least one");
  }

  @Test
  void there_is_nothing_to_rotate_of_a_webhook_that_is_gone() throws SQLException {
    UUID webhook = add("secret", Scheme.ALL);
    webhooks.remove(webhook);
    assertThat(secrets.rotate(webhook, null, DAY)).isEmpty();
  }

  private WebhookSecrets.Rotated rotated(String old) throws SQLException {
    return secrets.rotate(add(old, Scheme.ALL), null, DAY).orElseThrow();
  }

  private UUID add(String secret, Set<Scheme> schemes) throws SQLException {
    return webhooks.add(
        stored,
        new NewWebhook(
            "",
            "http://localhost/",
            List.of("*.*"),
            null,
            secret,
            schemes,
            CustomHeaders.NONE,
            null));
  }
}
