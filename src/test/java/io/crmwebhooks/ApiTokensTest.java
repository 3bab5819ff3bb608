package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.ApiClient.Reply;
import io.crmwebhooks.settings.Version;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens: what each role and workspace may, and how they come and go. */
class ApiTokensTest {
  @TempDir private static Path identities;
  private static PipelineFixture pipeline;
  private static ApiClient api;
  private static UUID webhook;

  @BeforeAll
  static void start() {
    pipeline = new PipelineFixture("webhooks.egress.tls.folder", identities.toString()).start();
    api = pipeline.api();
    webhook = pipeline.webhookOf("acme", "http://127.0.0.1:1025/", "s", "never.ever");
  }

  @AfterAll
  static void stop() {
    pipeline.close();
  }

  private static ApiClient with(String role, String workspace) {
    String name = UUID.randomUUID().toString();
    Reply made =
        api.post(
            "/rest/tokens",
            "{\"name\":\"%s\",\"role\":\"%s\",\"workspace\":%s}"
                .formatted(name, role, workspace == null ? "null" : '"' + workspace + '"'));
    assertThat(made.status()).isEqualTo(201);
    return api.as(made.body().path("token").asText());
  }

  @ParameterizedTest
  @CsvSource({
    "read,GET,/rest/webhooks,200",
    "read,GET,/rest/deliveries,200",
    "read,GET,/rest/events,200",
    "read,GET,/rest/stats,200",
    "read,GET,/rest/caller,200",
    "read,GET,/rest/tokens,403",
    "read,POST,/rest/webhooks,403",
    "read,POST,/rest/webhooks/ID/disable,403",
    "read,POST,/rest/deliveries/redeliver,403",
    "operate,GET,/rest/stats,200",
    "operate,POST,/rest/webhooks/ID/enable,200",
    "operate,POST,/rest/webhooks/ID/test,200",
    "operate,POST,/rest/webhooks/ID/rotate-secret,403",
    "operate,PATCH,/rest/webhooks/ID,403",
    "operate,DELETE,/rest/webhooks/ID,403",
    "operate,POST,/rest/tokens,403",
    "admin,PATCH,/rest/webhooks/ID,200",
    "admin,GET,/rest/tokens,200",
  })
  void a_role_may_what_the_contract_says(String role, String method, String path, int status) {
    String body = method.equals("PATCH") || path.endsWith("/test") ? "{}" : null;
    Reply reply = with(role, null).call(method, path.replace("ID", webhook.toString()), body);
    assertThat(reply.status()).isEqualTo(status);
    if (status == 403) {
      assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
    }
  }

  @Test
  void a_token_of_a_workspace_uses_no_other_ones_tls_identity() {
    for (String identity : List.of("tlsco", "other")) {
      new TestAuthority(identity)
          .self()
          .writeCertificate(identities.resolve(identity).resolve("ca.crt"));
    }
    ApiClient acme = with("admin", "tlsco");
    String refused =
        "tlsIdentity is not for the workspace of your token to use; it must be null or bear the name of that workspace";
    String webhook =
        "{\"targetUrl\":\"http://127.0.0.1:1025/\",\"duplicate\":true,\"operations\":[\"a.b\"],\"tlsIdentity\":\"%s\",\"workspace\":\"tlsco\"}";

    assertThat(acme.post("/rest/webhooks", webhook.formatted("other")).errors())
        .containsExactly(refused);
    String own = acme.post("/rest/webhooks", webhook.formatted("tlsco")).header("Location");
    assertThat(acme.patch(own, "{\"tlsIdentity\":\"other\"}").errors()).containsExactly(refused);
    for (String unknown : List.of("nobody", "../x", "")) { // the same, or one could guess
      assertThat(acme.patch(own, "{\"tlsIdentity\":\"" + unknown + "\"}").errors())
          .containsExactly(refused);
    }

    Reply given = api.post("/rest/webhooks", webhook.formatted("other"));
    assertThat(given.status()).as("a token of no workspace may").isEqualTo(201);
    String path = given.header("Location");
    assertThat(acme.patch(path, "{\"targetUrl\":\"http://127.0.0.1:1026/\"}").errors())
        .containsExactly(refused);
    assertThat(
            acme.patch(
                    path,
                    "{\"oauth2\":{\"tokenUrl\":\"http://127.0.0.1:1026/\",\"clientId\":\"i\",\"clientSecret\":\"s\"}}")
                .errors())
        .as("it would be shown to the token server, too")
        .containsExactly(refused);
    assertThat(acme.patch(path, "{\"description\":\"x\",\"tlsIdentity\":\"other\"}").status())
        .as("what stays as it was")
        .isEqualTo(200);
    assertThat(acme.patch(path, "{\"tlsIdentity\":null}").status()).isEqualTo(200);
  }

  /** Both say of themselves what may be done alone; the second one is written after the first. */
  @Test
  void a_tls_identity_and_a_target_are_not_brought_together_by_two_requests_at_once()
      throws Exception {
    new TestAuthority("theirs")
        .self()
        .writeCertificate(identities.resolve("theirs").resolve("ca.crt"));
    String path =
        api.post(
                "/rest/webhooks",
                "{\"targetUrl\":\"http://127.0.0.1:1025/raced\",\"operations\":[\"a.c\"],\"tlsIdentity\":\"theirs\",\"workspace\":\"raced\"}")
            .header("Location");
    ApiClient owner = with("admin", "raced");
    List<CompletableFuture<Integer>> replies = new ArrayList<>();
    try (Connection other = pipeline.connection()) {
      other.setAutoCommit(false);
      other
          .createStatement()
          .execute("SELECT FROM webhooks.subscription WHERE operations = '{a.c}' FOR UPDATE");
      for (String change :
          List.of(
              "{\"tlsIdentity\":null,\"targetUrl\":\"http://127.0.0.1:1025/evil\"}",
              "{\"tlsIdentity\":\"theirs\"}")) {
        replies.add(CompletableFuture.supplyAsync(() -> owner.patch(path, change).status()));
        pipeline.awaitBlocked(replies.size());
      }
      other.commit();
    }
    assertThat(replies).extracting(CompletableFuture::join).containsExactly(200, 400);
    assertThat(api.get(path).body().path("tlsIdentity").isNull()).isTrue();
  }

  @Test
  void names_of_tokens_are_told_apart_within_a_workspace() {
    String named = "{\"name\":\"bob\",\"role\":\"read\",\"workspace\":%s}";
    assertThat(api.post("/rest/tokens", named.formatted("null")).status()).isEqualTo(201);
    ApiClient acme = with("admin", "acme");
    assertThat(acme.post("/rest/tokens", named.formatted("null")).status()).isEqualTo(201);
    assertThat(acme.post("/rest/tokens", named.formatted("\"acme\"")).status()).isEqualTo(409);
    assertThat(api.post("/rest/tokens", named.formatted("\"zeta\"")).status()).isEqualTo(201);
    assertThat(api.post("/rest/tokens", named.formatted("null")).status()).isEqualTo(409);
  }

  @Test
  void a_token_is_kept_as_its_hash_and_revoked_at_once() {
    Reply made = api.post("/rest/tokens", "{\"name\":\"ann\",\"role\":\"read\"}");
    String token = made.body().path("token").asText();
    assertThat(token).matches("crmw_[A-Za-z0-9_-]{43}");
    assertThat(pipeline.sql("SELECT t::text AS row FROM webhooks.api_token t").toString())
        .doesNotContain(token);
    assertThat(api.get("/rest/tokens").raw().body()).doesNotContain(token).contains("\"ann\"");
    assertThat(api.as(token).get("/rest/webhooks").status()).isEqualTo(200);
    assertThat(pipeline.count("api_token WHERE name = 'ann' AND last_used_at IS NOT NULL"))
        .isEqualTo(1);
    assertThat(api.post("/rest/tokens", "{\"name\":\"ann\",\"role\":\"read\"}").status())
        .isEqualTo(409);
    String path = made.header("Location");
    assertThat(api.delete(path).status()).isEqualTo(204);
    assertThat(api.as(token).get("/rest/webhooks").status()).isEqualTo(401);
    assertThat(api.delete(path).status()).as("revoked twice").isEqualTo(204);
    assertThat(api.post("/rest/tokens", "{\"name\":\"ann\",\"role\":\"read\"}").status())
        .isEqualTo(201);
    assertThat(api.delete("/rest/tokens/" + UUID.randomUUID()).status()).isEqualTo(404);
  }

  @Test
  void a_token_needs_a_name_and_a_role() {
    assertThat(api.post("/rest/tokens", "{\"name\":\" \",\"role\":\"god\",\"x\":1}").errors())
        .containsExactlyInAnyOrder(
            "name must not be blank",
            "role must be read, operate or admin",
            "x is not a field that can be set here");
  }

  @Test
  void a_token_of_a_workspace_sees_nothing_else() {
    UUID others = pipeline.webhookOf("other", "http://127.0.0.1:1025/", "s", "never.ever");
    pipeline.sql(
        """
        WITH c AS (
          INSERT INTO webhooks.change (workspace, event, record) VALUES ('other', 'o.o', '{}'), ('acme', 'a.a', '{}')
          RETURNING id, workspace)
        INSERT INTO webhooks.delivery (change_id, subscription_id, state)
        SELECT c.id, s.id, 'dead' FROM c JOIN webhooks.subscription s USING (workspace)
        """);
    ApiClient acme = with("admin", "acme");
    assertThat(acme.get("/rest/webhooks").body().findValuesAsText("workspace"))
        .containsOnly("acme");
    assertThat(acme.get("/rest/webhooks/" + others).status()).isEqualTo(404);
    assertThat(acme.patch("/rest/webhooks/" + others, "{}").status()).isEqualTo(404);
    assertThat(acme.delete("/rest/webhooks/" + others).status()).isEqualTo(404);
    assertThat(acme.post("/rest/webhooks/" + others + "/test", null).status()).isEqualTo(404);
    assertThat(acme.post("/rest/webhooks/" + others + "/rotate-secret", null).status())
        .isEqualTo(404);
    assertThat(acme.get("/rest/deliveries?webhookId=" + others).body().path("data")).isEmpty();
    assertThat(acme.get("/rest/deliveries").body().path("data").findValuesAsText("event"))
        .containsOnly("a.a");
    assertThat(acme.get("/rest/deliveries?state=dead").body().path("data")).hasSize(1);
    String foreign =
        (String)
            pipeline.value("SELECT id FROM webhooks.delivery WHERE subscription_id = ?", others);
    assertThat(acme.get("/rest/deliveries/" + foreign).status()).isEqualTo(404);
    assertThat(acme.post("/rest/deliveries/" + foreign + "/redeliver", null).status())
        .isEqualTo(404);
    assertThat(
            acme.post("/rest/deliveries/redeliver", "{\"ids\":[\"" + foreign + "\"]}")
                .body()
                .path("redelivered")
                .asInt())
        .isZero();
    JsonNode events = acme.get("/rest/events").body().path("data");
    assertThat(events.findValuesAsText("workspace")).containsOnly("acme");
    Object event = pipeline.value("SELECT id FROM webhooks.change WHERE workspace = 'other'");
    assertThat(acme.get("/rest/events/" + event).status()).isEqualTo(404);
    assertThat(acme.get("/rest/stats").body().path("webhooks").findValuesAsText("webhookId"))
        .doesNotContain(others.toString())
        .contains(webhook.toString());
    assertThat(acme.get("/rest/tokens").body().findValuesAsText("workspace")).containsOnly("acme");
    Reply made =
        acme.post(
            "/rest/webhooks",
            "{\"targetUrl\":\"http://127.0.0.1:1025/\",\"operations\":[\"never.made\"]}");
    assertThat(made.body().path("workspace").asText()).isEqualTo("acme");
    assertThat(
            acme.post(
                    "/rest/webhooks",
                    "{\"targetUrl\":\"http://127.0.0.1:1025/\",\"workspace\":\"other\"}")
                .errors())
        .containsExactly("workspace must be the one that your token is bound to");
    assertThat(
            acme.post("/rest/tokens", "{\"name\":\"wide\",\"role\":\"read\"}")
                .body()
                .path("workspace")
                .asText())
        .isEqualTo("acme");
  }

  @Test
  void whoever_calls_is_told_what_the_token_may_do() {
    JsonNode caller = with("operate", "acme").get("/rest/caller").body();
    assertThat(caller.path("role").asText()).isEqualTo("operate");
    assertThat(caller.path("workspace").asText()).isEqualTo("acme");
    assertThat(caller.path("version").asText()).isEqualTo(Version.text());
    assertThat(api.get("/rest/caller").body().path("workspace").isNull()).isTrue();
  }

  @Test
  void the_first_start_makes_one_token_when_none_is_configured() {
    try (PipelineFixture fresh = new PipelineFixture("webhooks.admin.token", "")) {
      fresh.start();
      String first = fresh.firstToken().orElseThrow();
      assertThat(fresh.api().as(first).get("/rest/tokens").body().findValuesAsText("name"))
          .containsExactly("admin");
      fresh.stop();
      fresh.start();
      assertThat(fresh.firstToken()).isEmpty();
      assertThat(fresh.api().as(first).get("/rest/tokens").status()).isEqualTo(200);
    }
  }
}
