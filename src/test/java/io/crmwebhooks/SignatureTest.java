package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.SECRET;
import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.admin.WebhookSecrets.Rotated;
import io.crmwebhooks.http.NewSecret;
import io.crmwebhooks.http.WebhookSigner;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The signature for a receiver, from the stored secret to the header, on the real routes. */
class SignatureTest {
  @Test
  void during_a_rotation_both_secrets_verify_and_after_it_only_the_new_one() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      Rotated rotated =
          pipeline.secrets().rotate(webhook, null, Duration.ofHours(24)).orElseThrow();
      assertThat(rotated.secret()).startsWith("whsec_").isNotEqualTo(SECRET);
      assertThat(Duration.between(Instant.now(), rotated.previousUntil()))
          .isBetween(Duration.ofHours(23), Duration.ofHours(25));
      Received first = send(pipeline, receiver, 1);
      assertThat(signatures(first)).hasSize(2);
      for (String secret : List.of(rotated.secret(), SECRET)) {
        new Webhook(secret).verify(first.text(), headers(first));
      }
      assertThat(first.headers())
          .containsEntry("x-twenty-webhook-signature", twenty(rotated.secret(), first));

      Rotated last = pipeline.secrets().rotate(webhook, "chosen", Duration.ZERO).orElseThrow();
      assertThat(last.previousUntil()).isNull();
      Received second = send(pipeline, receiver, 2);
      assertThat(signatures(second)).hasSize(1);
      assertThat(second.headers())
          .containsEntry("x-twenty-webhook-signature", twenty("chosen", second));
      assertThatThrownBy(() -> new Webhook(SECRET).verify(second.text(), headers(second)))
          .isNotNull();
    }
  }

  @Test
  void a_key_pair_signs_what_its_public_key_verifies_and_nothing_else() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      UUID webhook = pipeline.webhookOf("", receiver.url("/"), NewSecret.ed25519());
      String publicKey =
          (String)
              pipeline.value("SELECT public_key FROM webhooks.subscription WHERE id = ?", webhook);
      assertThat(publicKey).startsWith("whpk_");
      Received first = send(pipeline, receiver, 1);
      assertThat(first.headers())
          .doesNotContainKeys("x-twenty-webhook-signature", "x-twenty-webhook-nonce");
      assertThat(signatures(first)).hasSize(1);
      assertThat(holds(publicKey, signatures(first)[0], first)).isTrue();

      Rotated rotated = pipeline.secrets().rotate(webhook, null, Duration.ofHours(1)).orElseThrow();
      assertThat(rotated.secret()).as("nobody needs the private key").isNull();
      Received second = send(pipeline, receiver, 2);
      assertThat(signatures(second)).hasSize(2);
      assertThat(holds(rotated.publicKey(), signatures(second)[0], second)).isTrue();
      assertThat(holds(publicKey, signatures(second)[1], second)).isTrue();
      assertThat(holds(publicKey, signatures(second)[0], second)).isFalse();
    }
  }

  @Test
  void a_webhook_is_signed_in_the_schemes_it_has_chosen() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      UUID webhook = pipeline.webhook(receiver.url("/"));
      pipeline.sql("UPDATE webhooks.subscription SET signature_schemes = '{twenty}'");
      assertThat(send(pipeline, receiver, 1).headers())
          .containsKeys("webhook-id", "webhook-timestamp", "x-twenty-webhook-signature")
          .doesNotContainKey("webhook-signature");
      pipeline.sql("UPDATE webhooks.subscription SET signature_schemes = '{standard}'");
      assertThat(send(pipeline, receiver, 2).headers())
          .containsKey("webhook-signature")
          .doesNotContainKeys(
              "x-twenty-webhook-signature", "x-twenty-webhook-timestamp", "x-twenty-webhook-nonce");
      assertThatThrownBy(
              () ->
                  pipeline.sql(
                      "UPDATE webhooks.subscription SET signature_schemes = '{}' WHERE id = ?",
                      webhook))
          .hasMessageContaining("check constraint");
    }
  }

  @Test
  void a_secret_written_by_sql_signs_at_once_and_is_encrypted() throws Exception {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      pipeline.sql(
          "INSERT INTO webhooks.subscription (target_url, secret) VALUES (?, ?)",
          receiver.url("/"),
          SECRET);
      Received first = send(pipeline, receiver, 1);
      new Webhook(SECRET).verify(first.text(), headers(first));
      soon().until(() -> pipeline.count("subscription WHERE secret LIKE '$aes-256-gcm$%'") == 1);
      Received second = send(pipeline, receiver, 2);
      new Webhook(SECRET).verify(second.text(), headers(second));
    }
  }

  @Test
  void a_secret_that_does_not_open_fails_its_own_webhook_and_is_never_left_out() {
    try (TestReceiver receiver = TestReceiver.answering(200);
        PipelineFixture pipeline = new PipelineFixture().start()) {
      UUID good = pipeline.webhook(receiver.url("/good"));
      UUID swapped = pipeline.webhook(receiver.url("/swapped"));
      pipeline.sql(
          "UPDATE webhooks.subscription SET secret = (SELECT s.secret FROM webhooks.subscription s WHERE s.id = ?) WHERE id = ?",
          good,
          swapped);
      pipeline.change("person.created", "{}");
      soon().until(() -> pipeline.count("delivery") == 2);
      assertThat(receiver.received()).extracting(Received::path).containsExactly("/good");
      assertThat((String) pipeline.value("SELECT error FROM webhooks.attempt"))
          .contains("webhook " + swapped)
          .contains("cannot be signed")
          .contains("another webhook");
    }
  }

  /** Makes a change and returns the request that it led to. */
  private static Received send(PipelineFixture pipeline, TestReceiver receiver, int number) {
    pipeline.change("person.created", "{\"n\":" + number + "}");
    soon().until(() -> receiver.received().size() == number);
    return receiver.received().get(number - 1);
  }

  private static String[] signatures(Received request) {
    return request.headers().get("webhook-signature").split(" ");
  }

  private static String twenty(String secret, Received request) {
    long millis = Long.parseLong(request.headers().get("x-twenty-webhook-timestamp"));
    return new WebhookSigner(secret).twenty(millis, request.body());
  }

  private static boolean holds(String publicKey, String signature, Received request) {
    long timestamp = Long.parseLong(request.headers().get("webhook-timestamp"));
    return PublicKeyCheck.holds(publicKey, signature, request.id(), timestamp, request.body());
  }

  private static HttpHeaders headers(Received request) {
    return HttpHeaders.of(
        request.headers().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> List.of(e.getValue()))),
        (name, value) -> true);
  }
}
