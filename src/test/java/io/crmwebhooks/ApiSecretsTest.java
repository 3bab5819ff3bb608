package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.ApiClient.Reply;
import io.crmwebhooks.TestReceiver.Received;
import io.crmwebhooks.http.NewSecret;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How webhooks are signed, by way of the API. */
class ApiSecretsTest extends OnePipeline {
  private static final String URL = "http://127.0.0.1:1025/hook";

  private static Reply add(String more) {
    Reply reply =
        api.post(
            "/rest/webhooks",
            "{\"targetUrl\":\""
                + URL
                + "\",\"duplicate\":true,\"operations\":[\"nothing.ever\"]"
                + more
                + "}");
    assertThat(reply.status()).as("%s", reply.body()).isEqualTo(201);
    return reply;
  }

  @Test
  void a_secret_is_stored_encrypted_when_a_webhook_is_made_and_when_it_is_changed() {
    Reply made = add(",\"secret\":\"first\"");
    assertThat(stored(made)).startsWith("$aes-256-gcm$").doesNotContain("first");
    String before = stored(made);
    assertThat(api.patch(made.header("Location"), "{\"secret\":\"second\"}").status())
        .isEqualTo(200);
    assertThat(stored(made)).startsWith("$aes-256-gcm$").isNotEqualTo(before);
    api.patch(made.header("Location"), "{\"secret\":\"\"}");
    assertThat(stored(made)).isEmpty();
  }

  @Test
  void during_a_rotation_both_sign_and_the_api_says_until_when() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      Reply made = add(",\"secret\":\"old\"");
      String path = made.header("Location");
      api.patch(path, "{\"targetUrl\":\"" + receiver.url("/") + "\"}");
      JsonNode rotated = api.post(path + "/rotate-secret", "{\"overlap\":\"2h\"}").body();
      assertThat(rotated.path("secret").asText()).matches("whsec_[A-Za-z0-9+/]{43}=");
      assertThat(rotated.path("publicKey").isNull()).isTrue();
      assertThat(api.get(path).body().path("previousSecretUntil"))
          .isEqualTo(rotated.path("previousSecretUntil"));
      assertThat(signatures(path, receiver)).hasSize(2);

      JsonNode ended =
          api.post(path + "/rotate-secret", "{\"secret\":\"mine\",\"overlap\":\"0\"}").body();
      assertThat(ended.path("secret").asText()).isEqualTo("mine");
      assertThat(ended.path("previousSecretUntil").isNull()).isTrue();
      assertThat(signatures(path, receiver)).hasSize(1);
    }
  }

  @Test
  void a_key_pair_is_made_on_request_and_only_its_public_half_shown() {
    try (TestReceiver receiver = TestReceiver.answering(200)) {
      Reply made = add(",\"ed25519\":true");
      String path = made.header("Location");
      assertThat(made.body().path("secret").isNull()).isTrue();
      String publicKey = made.body().path("publicKey").asText();
      assertThat(publicKey).startsWith("whpk_");
      assertThat(api.get(path).body().path("publicKey").asText()).isEqualTo(publicKey);
      api.patch(path, "{\"targetUrl\":\"" + receiver.url("/") + "\"}");
      String signature = signatures(path, receiver)[0];
      Received received = receiver.received().get(0);
      assertThat(
              PublicKeyCheck.holds(
                  publicKey,
                  signature,
                  received.id(),
                  Long.parseLong(received.headers().get("webhook-timestamp")),
                  received.body()))
          .isTrue();
      JsonNode rotated = api.post(path + "/rotate-secret", null).body();
      assertThat(rotated.path("secret").isNull()).isTrue();
      assertThat(rotated.path("publicKey").asText()).startsWith("whpk_").isNotEqualTo(publicKey);
      api.patch(path, "{\"secret\":\"shared\"}");
      assertThat(api.get(path).body().path("publicKey").isNull()).isTrue();
    }
  }

  @Test
  void a_shared_secret_can_be_rotated_to_a_key_pair_and_signs_on_for_a_day() {
    String path = add(",\"secret\":\"shared\"").header("Location");
    JsonNode rotated = api.post(path + "/rotate-secret", "{\"ed25519\":true}").body();
    assertThat(rotated.path("secret").isNull()).isTrue();
    assertThat(rotated.path("publicKey").asText()).startsWith("whpk_");
    assertThat(Instant.parse(rotated.path("previousSecretUntil").asText()))
        .isCloseTo(Instant.now().plus(Duration.ofDays(1)), within(1, ChronoUnit.MINUTES));
    api.patch(path, "{\"secret\":\"shared\",\"signatureSchemes\":[\"twenty\"]}");
    assertThat(api.post(path + "/rotate-secret", "{\"ed25519\":true}").errors())
        .singleElement()
        .asString()
        .startsWith("ed25519 ");
  }

  @Test
  void a_key_pair_that_was_written_by_sql_is_shown_once_it_is_encrypted() {
    String secret = NewSecret.ed25519();
    pipeline.sql(
        "INSERT INTO webhooks.subscription (target_url, secret, description) VALUES (?, ?, 'by sql')",
        URL,
        secret);
    soon()
        .until(
            () ->
                pipeline.count(
                        "subscription WHERE description = 'by sql' AND public_key = '"
                            + NewSecret.publicKey(secret).orElseThrow()
                            + "'")
                    == 1);
  }

  @Test
  void the_schemes_can_be_chosen_and_seen() {
    Reply made = add(",\"signatureSchemes\":[\"standard\"]");
    String path = made.header("Location");
    assertThat(made.body().path("signatureSchemes").toString()).isEqualTo("[\"standard\"]");
    assertThat(
            api.patch(path, "{\"signatureSchemes\":[\"twenty\",\"standard\"]}")
                .body()
                .path("signatureSchemes"))
        .hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'secret':'whsk_c2hvcnQ='                             | secret that begins with whsk_ must hold 32 bytes",
        "'secret':'$aes-256-gcm$x'                            | secret a secret must not begin with",
        "'signatureSchemes':[]                                | signatureSchemes at least one",
        "'signatureSchemes':['v1']                            | signatureSchemes a signature scheme is twenty",
        "'ed25519':true,'signatureSchemes':['twenty']         | signatureSchemes an ed25519 key",
        "'ed25519':true,'secret':'x'                          | ed25519 makes a key of its own",
      })
  void what_cannot_sign_is_refused_when_a_webhook_is_made(String fields, String error) {
    Reply reply =
        api.post(
            "/rest/webhooks", ("{'targetUrl':'" + URL + "'," + fields + "}").replace('\'', '"'));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.errors()).singleElement().asString().startsWith(error);
    assertThat(reply.raw().body()).doesNotContain("c2hvcnQ");
  }

  @Test
  void a_near_miss_of_a_secret_is_refused_by_every_operation_and_any_other_text_is_taken() {
    String key = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    Map<String, String> reasons = new LinkedHashMap<>();
    reasons.put("v1,whsec_" + key, "must not begin with v1,");
    reasons.put("V1, whsec_" + key, "must not begin with v1,");
    reasons.put("v1a,whsk_" + key, "must not begin with v1,");
    reasons.put(" whsec_" + key, "must not begin or end with a blank");
    reasons.put("whsec_" + key + "\\n", "must not begin or end with a blank");
    reasons.put("text ", "must not begin or end with a blank");
    reasons.put("\u00a0text", "must not begin or end with a blank");
    reasons.put("\ufefftext", "must not begin or end with a blank");
    reasons.put("'whsec_" + key + "'", "must not have quotation marks");
    reasons.put("WHSEC_" + key, "must have its first word (whsec_ or whsk_) in lower case");
    reasons.put("Whsec_" + key, "must have its first word");
    reasons.put("WHSK_" + key, "must have its first word");
    reasons.put("whpk_" + key, "is a public key (whpk_)");
    reasons.put("whsec_", "that begins with whsec_ must hold at least 24 bytes");
    reasons.put("whsec_c2hvcnQ=", "must hold at least 24 bytes in base64, but holds 5");
    reasons.put("whsec_" + key.substring(4), "must hold at least 24 bytes in base64, but holds 21");
    reasons.put("whsec_" + key + "AA", "must continue in base64");
    reasons.put("whsec_" + key + "AB==", "must continue in base64");
    reasons.put("whsec_" + key.replace('9', '-'), "must continue in base64");
    reasons.put("whsec_ " + key, "must continue in base64");
    reasons.put("whsk_" + key, "that begins with whsk_ must hold 32 bytes");
    String path = add("").header("Location");
    reasons.forEach(
        (secret, reason) -> {
          String body = "\"secret\":\"" + secret + "\"";
          for (Reply reply :
              List.of(
                  api.post("/rest/webhooks", "{\"targetUrl\":\"" + URL + "\"," + body + "}"),
                  api.patch(path, "{" + body + "}"),
                  api.post(path + "/rotate-secret", "{" + body + "}"))) {
            assertThat(reply.status()).as(secret).isEqualTo(400);
            assertThat(reply.errors())
                .singleElement()
                .asString()
                .startsWith("secret ")
                .contains(reason);
            assertThat(reply.raw().body()).doesNotContain(key.substring(4));
          }
        });
    for (String text :
        List.of("x", "a b", "v1,x", "whsec", "my whsec_x", "whsec-x", "'x'", "0xff", "ü")) {
      assertThat(api.patch(path, "{\"secret\":\"" + text + "\"}").status()).as(text).isEqualTo(200);
    }
  }

  @Test
  void what_cannot_sign_is_refused_when_a_webhook_is_changed_or_its_secret_rotated() {
    String path = add(",\"ed25519\":true").header("Location");
    assertThat(api.patch(path, "{\"signatureSchemes\":[\"twenty\"]}").errors())
        .singleElement()
        .asString()
        .startsWith("signatureSchemes an ed25519 key");
    assertThat(api.patch(path, "{\"secret\":\"whsec_!\"}").errors())
        .singleElement()
        .asString()
        .startsWith("secret that begins with whsec_");
    for (String body :
        new String[] {
          "{\"secret\":\"\"}",
          "{\"secret\":\"whsec_!\"}",
          "{\"secret\":\"x\",\"ed25519\":true}",
          "{\"overlap\":\"1\"}",
          "{\"colour\":1}"
        }) {
      assertThat(api.post(path + "/rotate-secret", body).status()).as(body).isEqualTo(400);
    }
  }

  @Test
  void client_credentials_are_shown_without_the_secret_which_stays_with_its_token_server() {
    try (TestReceiver tokens = tokenServer(200);
        TestReceiver other = tokenServer(200);
        TestReceiver receiver = TestReceiver.answering(200)) {
      Reply made = add(oauth2(tokens.url("/t"), "me", ",'clientSecret':'hush','scope':'a b'"));
      String path = made.header("Location");
      api.patch(path, "{\"targetUrl\":\"" + receiver.url("/") + "\"}");
      JsonNode shown = api.get(path).body();
      assertThat(made.body().path("oauth2").toString())
          .isEqualTo(shown.path("oauth2").toString())
          .isEqualTo(
              "{\"scope\":\"a b\",\"clientId\":\"me\",\"tokenUrl\":\"%s\"}"
                  .formatted(tokens.url("/t")));
      assertThat(
              (String)
                  pipeline.value(
                      "SELECT oauth2 ->> 'clientSecret' FROM webhooks.subscription WHERE id = CAST(? AS uuid)",
                      made.body().path("id").asText()))
          .startsWith("$aes-256-gcm$");

      for (String stranger :
          List.of(
              oauth2(other.url("/t"), "me", ""),
              oauth2(tokens.url("/T"), "me", ""),
              oauth2(tokens.url("/t"), "you", ""))) {
        Reply refused = api.patch(path, "{" + stranger.substring(1) + "}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.errors())
            .singleElement()
            .asString()
            .startsWith("oauth2 clientSecret is missing; one that is kept is never sent");
      }
      assertThat(api.patch(path, shown.toString()).status()).as("as it is shown").isEqualTo(200);
      assertThat(
              api.patch(
                      path,
                      "{" + oauth2(tokens.url("/t"), "me", ",'audience':'b'").substring(1) + "}")
                  .status())
          .isEqualTo(200);
      JsonNode tested = tested(path);
      assertThat(tested.path("delivered").asBoolean()).as("%s", tested).isTrue();
      assertThat(tokens.received())
          .extracting(r -> r.headers().get("authorization") + " " + r.text())
          .containsExactly("Basic bWU6aHVzaA== grant_type=client_credentials&audience=b");
      assertThat(other.received()).isEmpty();

      assertThat(api.patch(path, "{\"oauth2\":null}").body().path("oauth2").isNull()).isTrue();
      assertThat(tested(path).path("tokens")).isEmpty();
    }
  }

  @Test
  void a_test_tells_of_the_access_token_and_never_shows_it() {
    try (TestReceiver tokens = tokenServer(200);
        TestReceiver broken = tokenServer(503);
        TestReceiver receiver = TestReceiver.answeringInTurn(200, 200, 401, 200)) {
      String path = add(oauth2(tokens.url("/"), "me", ",'clientSecret':'hush'")).header("Location");
      api.patch(path, "{\"targetUrl\":\"" + receiver.url("/") + "\"}");
      assertThat(tested(path).path("tokens").toString())
          .matches("\\[\\{\"fetched\":true,\"durationMs\":\\d+,\"error\":null}]");
      JsonNode second = tested(path);
      assertThat(second.path("tokens").findValues("fetched").toString()).isEqualTo("[false]");
      assertThat(second.at("/request/headers/Authorization").asText()).isEqualTo("(hidden)");
      assertThat(tested(path).path("tokens").findValues("fetched").toString())
          .isEqualTo("[false, true]");
      assertThat(receiver.received()).hasSize(4);

      String unwell =
          add(oauth2(broken.url("/"), "me", ",'clientSecret':'hush'")).header("Location");
      JsonNode failed = tested(unwell);
      assertThat(failed.path("error").asText()).isEqualTo("token server: HTTP 503");
      assertThat(failed.at("/tokens/0/error").asText()).isEqualTo("token server: HTTP 503");
      assertThat(failed.path("response").isNull()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'oauth2':'x'                                                         | oauth2 must be an object of tokenUrl",
        "'oauth2':{}                                                          | oauth2 tokenUrl is missing",
        "'oauth2':{'tokenUrl':'U','clientId':'i'}                             | oauth2 clientSecret is missing",
        "'oauth2':{'tokenUrl':'U','clientId':'i','clientSecret':null}         | oauth2 clientSecret is missing",
        "'oauth2':{'tokenUrl':'U','clientId':'i','clientSecret':7}            | oauth2 clientSecret must be a text",
        "'oauth2':{'tokenUrl':'U','clientId':'i','clientSecret':''}           | oauth2 clientSecret must be 1 to 2000",
        "'oauth2':{'tokenUrl':'U','clientId':'i','clientSecret':'$aes-256-gcm$x'} | oauth2 clientSecret must not begin with",
        "'oauth2':{'tokenUrl':'U','clientId':'i','clientSecret':'hush','a':1} | oauth2 has no field but tokenUrl",
        "'oauth2':{'tokenUrl':'http://10.0.0.1/','clientId':'i','clientSecret':'hush'} | oauth2 tokenUrl: 10.0.0.1 is a private address",
        "'oauth2':{'tokenUrl':'ftp://x','clientId':'i','clientSecret':'hush'} | oauth2 tokenUrl: only http:// and https:// are called",
        "'oauth2':{'tokenUrl':'route:x','clientId':'i','clientSecret':'hush'} | oauth2 tokenUrl must be http:// or https://",
        "'headers':{'AUTHORIZATION':'x'},'oauth2':{'tokenUrl':'U','clientId':'i','clientSecret':'hush'} | oauth2 sets Authorization, and so do the headers",
      })
  void client_credentials_that_cannot_be_used_are_refused(String fields, String error) {
    Reply reply =
        api.post(
            "/rest/webhooks",
            ("{'targetUrl':'" + URL + "'," + fields + "}")
                .replace('\'', '"')
                .replace("\"U\"", "\"" + URL + "\""));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.errors()).singleElement().asString().startsWith(error);
    assertThat(reply.raw().body()).doesNotContain("hush");
  }

  @Test
  void a_header_of_its_own_cannot_take_the_place_of_the_access_token_later() {
    String path = add(oauth2(URL, "me", ",'clientSecret':'hush'")).header("Location");
    assertThat(api.patch(path, "{\"headers\":{\"authorization\":\"Basic x\"}}").errors())
        .singleElement()
        .asString()
        .startsWith("headers sets Authorization, and so do the oauth2 settings");
    String swapped = "{\"headers\":{\"authorization\":\"Basic x\"},\"oauth2\":null}";
    assertThat(api.patch(path, swapped).status()).isEqualTo(200);
    assertThat(
            api.patch(path, "{" + oauth2(URL, "me", ",'clientSecret':'hush'").substring(1) + "}")
                .errors())
        .singleElement()
        .asString()
        .startsWith("oauth2 sets Authorization, and so do the headers");
  }

  private static TestReceiver tokenServer(int status) {
    return TestReceiver.answering(
        (request, exchange) ->
            TestReceiver.respond(exchange, status, "{\"access_token\":\"the-token\"}"));
  }

  /** To be put behind another field. */
  private static String oauth2(String url, String client, String more) {
    return (",'oauth2':{'tokenUrl':'" + url + "','clientId':'" + client + "'" + more + "}")
        .replace('\'', '"');
  }

  private static JsonNode tested(String path) {
    Reply reply = api.post(path + "/test", null);
    assertThat(reply.raw().body()).doesNotContain("the-token", "hush");
    return reply.body();
  }

  private static String stored(Reply made) {
    return (String)
        pipeline.value(
            "SELECT secret FROM webhooks.subscription WHERE id = CAST(? AS uuid)",
            made.body().path("id").asText());
  }

  /** Of a test event, sent now. */
  private static String[] signatures(String path, TestReceiver receiver) {
    assertThat(api.post(path + "/test", null).body().path("delivered").asBoolean()).isTrue();
    Received last = receiver.received().get(receiver.received().size() - 1);
    return last.headers().get("webhook-signature").split(" ");
  }
}
