package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.crmwebhooks.Cli.Ran;
import io.crmwebhooks.admin.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code crm-webhooks config}: by the API of a running pipeline, and straight on its database. */
class ConfigCommandTest extends OnePipeline {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String TWO =
      """
      webhooks:
        - name: sales
          targetUrl: https://sales.example/hook
          operations: [person.*]
          rateLimit: 5
          labels: {team: sales}
          secret: env:SALES
          headers: {Authorization: env:SALES_TOKEN}
        - name: ops
          targetUrl: https://ops.example/hook
          ed25519: true
      """;

  @TempDir private Path folder;
  private Cli remote;
  private Cli local;

  @BeforeEach
  void clear() {
    pipeline.sql("DELETE FROM webhooks.subscription");
    remote = with(Cli.asking(pipeline.url(), PipelineFixture.TOKEN));
    local = with(Cli.on(pipeline.databaseUrl()));
  }

  private static Cli with(Cli cli) {
    return cli.with("SALES", SECRET).with("SALES_TOKEN", "Bearer geheim");
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("webhooks.yaml"), yaml);
  }

  private static Ran ok(Ran ran) {
    assertThat(ran.code()).as("%s", ran).isZero();
    return ran;
  }

  private static JsonNode shown(String name) {
    for (JsonNode webhook : api.get("/rest/webhooks").body()) {
      if (webhook.path("name").asText().equals(name)) {
        return webhook;
      }
    }
    throw new AssertionError("there is no webhook " + name);
  }

  @Test
  void a_file_is_planned_applied_and_then_makes_no_difference() throws IOException {
    Path two = file(TWO);
    Ran plan = remote.run("config", "plan", two);
    assertThat(plan.code()).as("%s", plan).isEqualTo(6);
    assertThat(plan.out())
        .contains(
            "+ webhook sales  https://sales.example/hook", "    rateLimit: 5", "    secret: set")
        .contains("webhooks: 2 to create, 0 to change, 0 to remove, 0 as they are")
        .doesNotContain("whsec", "geheim", "onDead", "    targetUrl");
    assertThat(pipeline.count("subscription")).isZero();
    assertThat(local.run("config", "plan", two).out()).isEqualTo(plan.out());

    assertThat(ok(remote.run("config", "apply", two)).out()).contains("2 created");
    for (Cli cli : List.of(remote, local)) {
      assertThat(ok(cli.run("config", "plan", two)).out())
          .isEqualToIgnoringNewLines(
              "webhooks: 0 to create, 0 to change, 0 to remove, 2 as they are");
    }
    String revision =
        pipeline.value("SELECT revision FROM webhooks.subscription_revision").toString();
    ok(local.run("config", "apply", two));
    assertThat(pipeline.value("SELECT revision FROM webhooks.subscription_revision"))
        .hasToString(revision);
    JsonNode sales = shown("sales");
    assertThat(sales.path("source").asText()).isEqualTo("file");
    assertThat(sales.path("file").asText()).isEqualTo("webhooks.yaml");
    assertThat(shown("ops").path("publicKey").asText()).startsWith("whpk_");
  }

  @Test
  void a_webhook_keeps_its_id_through_other_fields_and_goes_with_its_entry() throws IOException {
    String alone =
        api.post("/rest/webhooks", "{\"targetUrl\":\"https://alone.example/\"}")
            .body()
            .path("id")
            .asText();
    ok(remote.run("config", "apply", file(TWO)));
    JsonNode before = shown("sales");
    Path changed =
        file(
            TWO.replace("https://sales.example/hook", "https://new.example/hook")
                .replace("rateLimit: 5", "timeout: 2s")
                .replaceFirst("(?s)  - name: ops.*", ""));
    Ran plan =
        remote
            .with("SALES", "another secret")
            .with("SALES_TOKEN", "other")
            .run("config", "plan", changed);
    assertThat(plan.code()).isEqualTo(6);
    assertThat(plan.out().lines())
        .containsExactly(
            "- webhook ops  https://ops.example/hook",
            "~ webhook sales  https://new.example/hook",
            "    targetUrl: https://sales.example/hook -> https://new.example/hook",
            "    rateLimit: 5.0 -> null",
            "    timeout: null -> 2s",
            "    secret: changes",
            "    headers: changes",
            "webhooks: 0 to create, 1 to change, 1 to remove, 0 as they are");
    ok(remote.with("SALES", "another secret").run("config", "apply", changed, "--overlap", "1h"));
    JsonNode after = shown("sales");
    assertThat(after.path("id")).isEqualTo(before.path("id"));
    assertThat(after.path("targetUrl").asText()).isEqualTo("https://new.example/hook");
    assertThat(after.path("rateLimit").isNull()).isTrue();
    assertThat(after.hasNonNull("previousSecretUntil")).isTrue();
    assertThat(api.get("/rest/webhooks").body().findValuesAsText("id"))
        .containsExactlyInAnyOrder(alone, after.path("id").asText());
    ok(remote.with("SALES", "another secret").run("config", "plan", changed));

    ok(remote.run("config", "apply", file(TWO))); // as when a commit is taken back
    assertThat(shown("ops").path("enabled").asBoolean()).isTrue();
  }

  @Test
  void nothing_is_changed_when_one_webhook_cannot_be_made() throws IOException {
    Path wrong =
        file(
            TWO
                + """
                    operations: [nonsense]
                    color: blue
                  - name: sales
                    targetUrl: https://third.example/
                """);
    Ran refused = remote.run("config", "apply", wrong);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains("webhooks.yaml:12: webhooks[1].operations ")
        .contains("webhooks.yaml:13: webhooks[1].color is not a field")
        .contains("webhooks.yaml:14: webhooks[2].name is that of another entry");
    Ran unsigned = remote.run("config", "apply", file(TWO.replace("    ed25519: true\n", "")));
    assertThat(unsigned.err()).contains("webhooks.yaml:9: webhooks[1].secret is missing");
    Ran twins = // told by the database only, after the first was written
        remote.run(
            "config",
            "apply",
            file(
                TWO.replace(
                    "https://ops.example/hook\n",
                    "HTTPS://SALES.example/hook\n    operations: [person.*]\n")));
    assertThat(twins.code()).isEqualTo(1);
    assertThat(twins.err())
        .contains("webhooks.yaml:10: webhooks[1].targetUrl is taken: ", "duplicate");
    assertThat(pipeline.count("subscription")).isZero();
  }

  @Test
  void what_a_file_manages_is_refused_elsewhere_until_it_is_released() throws IOException {
    ok(remote.run("config", "apply", file(TWO)));
    String id = shown("sales").path("id").asText();
    String path = "/rest/webhooks/" + id;
    for (ApiClient.Reply refused :
        List.of(
            api.patch(path, "{\"rateLimit\":7}"),
            api.patch(path, "{\"secret\":\"mine\"}"),
            api.delete(path),
            api.post(path + "/rotate-secret", "{}"))) {
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.body().path("detail").asText()).contains("the file webhooks.yaml");
    }
    assertThat(local.run("webhook", "change", id, "--rate-limit", "7").code()).isEqualTo(1);
    ok(local.run("webhook", "disable", id));
    ok(remote.run("config", "plan", folder.resolve("webhooks.yaml")));
    assertThat(api.patch(path, "{\"enabled\":true,\"rateLimit\":5}").status()).isEqualTo(200);

    assertThat(ok(remote.run("webhook", "release", id)).out()).contains("released webhook " + id);
    assertThat(api.patch(path, "{\"rateLimit\":7}").status()).isEqualTo(200);
    assertThat(remote.run("webhook", "release", id).code()).isEqualTo(1);
    assertThat(remote.run("config", "plan", folder.resolve("webhooks.yaml")).out())
        .contains("~ webhook sales", "rateLimit: 7.0 -> 5", "source: api -> file", "1 as they are");
    ok(remote.run("config", "apply", folder.resolve("webhooks.yaml")));
    assertThat(shown("sales").path("id").asText()).isEqualTo(id);

    Path other = Files.writeString(folder.resolve("other.yaml"), TWO);
    Ran taken = remote.run("config", "apply", other);
    assertThat(taken.code()).isEqualTo(1);
    assertThat(taken.err())
        .contains(
            "other.yaml:2: webhooks[0].name is that of a webhook that the file webhooks.yaml manages");
    ok(remote.run("config", "plan", Files.writeString(other, "name: webhooks.yaml\n" + TWO)));
    assertThat(remote.run("config", "apply", Files.writeString(other, "webhooks: []")).out())
        .contains("0 removed");
  }

  @Test
  void a_token_of_a_workspace_manages_its_own_webhooks_only() throws IOException {
    ok(
        remote.run(
            "config", "apply", file(TWO.replace("name: ops", "name: ops\n    workspace: two"))));
    String token =
        api.post("/rest/tokens", "{\"name\":\"one\",\"role\":\"admin\",\"workspace\":\"one\"}")
            .body()
            .path("token")
            .asText();
    Cli one = with(Cli.asking(pipeline.url(), token));
    assertThat(one.run("config", "plan", file(TWO)).out())
        .contains("2 to create, 0 to change, 0 to remove");
    String taken =
        TWO.replace("- name: sales", "- name: mine\n    id: " + shown("sales").path("id").asText());
    ok(one.run("config", "apply", file(taken)));
    assertThat(shown("mine").path("workspace").asText()).isEqualTo("one");
    assertThat(shown("sales").path("workspace").asText()).isEmpty();
    assertThat(
            one.run(
                    "config",
                    "apply",
                    file(TWO.replace("name: ops", "name: ops\n    workspace: two")))
                .err())
        .contains(
            "webhooks.yaml:10: webhooks[1].workspace must be the one that your token is bound to");
    ok(one.run("config", "apply", file("webhooks: []")));
    assertThat(api.get("/rest/webhooks").body().findValuesAsText("workspace"))
        .containsExactlyInAnyOrder("", "two");
    String reader =
        api.post("/rest/tokens", "{\"name\":\"r\",\"role\":\"operate\"}")
            .body()
            .path("token")
            .asText();
    assertThat(with(Cli.asking(pipeline.url(), reader)).run("config", "plan", file(TWO)).code())
        .isEqualTo(4);
  }

  @Test
  void an_export_makes_the_same_webhooks_and_captures_on_an_empty_installation() throws Exception {
    for (String json :
        List.of(
            "{\"targetUrl\":\"https://a.example/x?y=1\",\"headers\":{\"X-Key\":\"geheim\"},\"labels\":{\"a\":\"yes\"},\"oauth2\":{\"tokenUrl\":\"https://t.example/\",\"clientId\":\"me\",\"clientSecret\":\"hush\"},\"enabled\":false,\"retrySchedule\":\"\"}",
            "{\"targetUrl\":\"https://a.example/x\",\"workspace\":\"one\",\"secret\":\"\",\"rateLimit\":0.5,\"description\":\"two\\nlines: #\"}",
            "{\"targetUrl\":\"https://a.example/x\",\"secret\":\"\"}",
            "{\"targetUrl\":\"https://a.example/x\",\"ed25519\":true,\"duplicate\":true,\"signatureSchemes\":[\"standard\"],\"concurrency\":3}")) {
      assertThat(api.post("/rest/webhooks", json).status()).isEqualTo(201);
    }
    pipeline.sql("CREATE TABLE IF NOT EXISTS public.pet (id int PRIMARY KEY, position int)");
    ok(
        local.run(
            "capture",
            "install",
            "--table",
            "pet",
            "--object",
            "animal",
            "--ignore-column",
            "position"));
    String yaml = ok(local.run("config", "export")).out();
    assertThat(yaml)
        .contains(
            "env:WEBHOOK_A_EXAMPLE_X_3_SECRET",
            "X-Key: env:WEBHOOK_A_EXAMPLE_X_3_X_KEY",
            "clientSecret: env:WEBHOOK_A_EXAMPLE_X_3_CLIENT_SECRET",
            "tokenUrl: https://t.example/",
            "object: animal",
            "duplicate: true")
        .doesNotContain("geheim", "whsec", "onDead", "hush", PipelineFixture.TOKEN);
    assertThat(ok(local.run("config", "export")).out()).isEqualTo(yaml);
    assertThat(ok(remote.run("config", "export")).err()).contains("captured tables are left out");
    Path file = file(yaml);
    try (TestDatabase empty = TestDatabase.create()) {
      run(empty, "CREATE TABLE public.pet (id int PRIMARY KEY, position int)");
      Cli there =
          Cli.on(empty.url())
              .with("WEBHOOK_A_EXAMPLE_X_3_SECRET", SECRET)
              .with("WEBHOOK_A_EXAMPLE_X_3_X_KEY", "geheim")
              .with("WEBHOOK_A_EXAMPLE_X_3_CLIENT_SECRET", "hush");
      ok(there.run("config", "apply", file));
      ok(there.run("config", "plan", file));
      JsonNode here = local.run("config", "export", "--json").json();
      assertThat(there.run("config", "export", "--json").json().path("webhooks").toString())
          .isEqualTo(here.path("webhooks").toString().replaceAll("\"id\":\"[^\"]*\",", ""));
      assertThat(there.run("capture", "list", "--json").json().at("/0/file").asText())
          .isEqualTo("webhooks.yaml");
    }
    // where they are already, they are taken over as they are, with the secrets that they have
    Path kept = file(yaml.replaceAll("(?m)^ *(secret: env|clientSecret|headers|X-Key).*\n", ""));
    ok(local.run("config", "apply", kept));
    ok(local.run("config", "plan", kept));
    assertThat(pipeline.count("subscription")).isEqualTo(4);
    assertThat(pipeline.count("subscription WHERE secret <> '' AND source = 'file'")).isEqualTo(2);
    ok(local.run("config", "apply", file("webhooks: []")));
    assertThat(local.run("capture", "list", "--json").json()).isEmpty();
  }

  @Test
  void client_credentials_of_a_file_differ_by_their_secret_and_keep_it_for_their_server_only()
      throws IOException {
    String yaml =
        TWO.replace(
            "  headers: {Authorization: env:SALES_TOKEN}",
            "  oauth2: {tokenUrl: https://t.example/, clientId: me, clientSecret: env:HUSH}");
    Cli cli = remote.with("HUSH", "hush-1");
    Ran plan = cli.run("config", "plan", file(yaml));
    assertThat(plan.out())
        .contains("    oauth2: {\"tokenUrl\":\"https://t.example/\",\"clientId\":\"me\"}")
        .doesNotContain("hush");
    ok(cli.run("config", "apply", file(yaml)));
    ok(cli.run("config", "plan", file(yaml)));
    ok(cli.run("config", "plan", file(yaml.replace(", clientSecret: env:HUSH", ""))));
    Ran stranger =
        cli.run(
            "config",
            "apply",
            file(yaml.replace(", clientSecret: env:HUSH", "").replace("t.example", "u.example")));
    assertThat(stranger.code()).isEqualTo(2);
    assertThat(stranger.err()).contains("webhooks[0].oauth2 clientSecret is missing");
    assertThat(remote.with("HUSH", "hush-2").run("config", "plan", file(yaml)).out().lines())
        .contains("    oauth2: changes");
    Ran plain = cli.run("config", "plan", file(yaml.replace("env:HUSH", "hush-1")));
    assertThat(plain.err())
        .contains("webhooks[0].oauth2.clientSecret must be env:NAME")
        .doesNotContain("hush-1");
    ok(cli.run("config", "apply", file(TWO)));
    assertThat(shown("sales").path("oauth2").isNull()).isTrue();
  }

  private static void run(TestDatabase database, String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void a_table_that_cannot_be_captured_keeps_up_no_other_and_is_taken_up_again()
      throws IOException {
    pipeline.sql("CREATE TABLE public.cat (id int PRIMARY KEY)");
    Path captures =
        file(
            "webhooks: []\ncaptures:\n  - {table: dog, workspace: w}\n  - table: cat\n    object: tiger\n");
    assertThat(local.run("config", "plan", captures).code()).isEqualTo(6);
    Ran some = local.run("config", "apply", captures);
    assertThat(some.code()).isEqualTo(1);
    assertThat(some.out())
        .contains(
            "+ capture public.dog as dog, not done: ",
            "does not exist",
            "+ capture public.cat as tiger\n");
    assertThat(local.run("capture", "list", "--json").json()).hasSize(1);
    pipeline.sql("CREATE TABLE public.dog (id int PRIMARY KEY)");
    assertThat(ok(local.run("config", "apply", captures)).out())
        .contains("public.dog")
        .doesNotContain("public.cat");
    ok(local.run("config", "plan", captures));
    Ran remotely = ok(remote.run("config", "plan", captures));
    assertThat(remotely.err()).contains("take --database");
    assertThat(
            local
                .run(
                    "config",
                    "apply",
                    Files.writeString(folder.resolve("other.yaml"), Files.readString(captures)))
                .out())
        .contains("the file webhooks.yaml manages it");
    ok(local.run("config", "apply", file("webhooks: []\ncaptures: [{table: cat, object: lion}]")));
    assertThat(local.run("capture", "list", "--json").json().findValuesAsText("object"))
        .containsExactly("lion");
    ok(local.run("config", "apply", file("webhooks: []")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "nowhere.yaml"})
  void a_file_that_is_not_there_is_named(String name) {
    Ran none = remote.run("config", "plan", folder.resolve(name));
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("there is no file");
  }

  /**
   * A field that an entry leaves out is set to the default of openapi.json, so it must be the
   * table's.
   */
  @Test
  void the_defaults_of_the_contract_are_those_of_the_database() {
    JsonNode made = api.post("/rest/webhooks", "{\"targetUrl\":\"https://x.example/\"}").body();
    JsonNode fields =
        api.get("/openapi.json").body().at("/components/schemas/WebhookChanges/properties");
    fields
        .properties()
        .forEach(
            field -> {
              if (made.has(field.getKey())
                  && !field.getValue().path("description").asText().equals("Ignored.")
                  && !List.of("targetUrl", "workspace", "secret").contains(field.getKey())) {
                boolean bySetting = field.getValue().has("x-setting");
                JsonNode value = bySetting ? null : field.getValue().get("default");
                assertThat(made.get(field.getKey()))
                    .as(field.getKey())
                    .isEqualTo(value == null ? Json.object().nullNode() : value);
              }
            });
  }
}
