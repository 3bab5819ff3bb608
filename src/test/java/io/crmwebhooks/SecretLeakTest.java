package io.crmwebhooks;

import static io.crmwebhooks.PipelineFixture.soon;
import static io.crmwebhooks.TestReceiver.respond;
import static org.assertj.core.api.Assertions.assertThat;

import io.crmwebhooks.ApiClient.Reply;
import io.crmwebhooks.packaged.Books;
import io.crmwebhooks.packaged.ManagedProgram;
import io.crmwebhooks.packaged.PackagedProgram;
import io.crmwebhooks.secret.Secrets;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the packaged program and its commands with every logger at its most talkative, routes
 * traced, deliveries that fail and secrets that are broken, and looks for secrets in all that comes
 * out: log, thread dump, what the commands print, what the HTTP server answers and Camel's own
 * tools show.
 */
@Tag("packaged")
class SecretLeakTest {
  private static final String GIVEN = "given-Wq7rTz4KpX2mVb9s";
  private static final String BY_SQL = "whsec_YnktU3FsLVR4OUtwUjJ2Qm43TG1XczRRejE=";
  private static final String BROKEN = "whsec_%%%broken-Hd83kfPq";
  private static final String BY_API = "by-api-Zp41nWc8Rt";
  private static final String HEADER = "header-Nc83jQw5Ty";
  private static final String HEADER_BY_SQL = "header-by-sql-Zb47hRx2Kp";
  private static final String BY_FILE = "by-file-Ht64vBn9Ys";
  private static final String HEADER_BY_FILE = "header-by-file-Qw73kLp2Dz";
  private static final String CLIENT = "client-Jt58pRw3Xc";
  private static final String CLIENT_BY_SQL = "client-by-sql-Mf92kTz6Qa";
  private static final String CLIENT_BY_FILE = "client-by-file-Yv31nHs7Wd";
  private static final String ACCESS_TOKEN = "access-Bq47vMd8Lz";
  private static final String PASSWORD = "database-Lk29sJd7Tq";
  private static final String TOKEN = "admin-token-Vt60sLm3Qx";
  private static final Path LOG = Path.of("target", "secret-leak-test.log");

  @TempDir private Path folder;
  private final TestDatabase database = TestDatabase.create();
  private final Books books = new Books(database.dataSource());
  private final Map<String, String> settings = new HashMap<>();
  private final StringBuilder output = new StringBuilder();
  private final List<String> forbidden = new ArrayList<>();
  private final TestReceiver receiver =
      TestReceiver.answering(
          (request, exchange) ->
              respond(exchange, request.path().equals("/fails") ? 500 : 200, ""));
  private final TestReceiver tokens =
      TestReceiver.answering(
          (request, exchange) ->
              respond(
                  exchange,
                  request.path().equals("/fails") ? 401 : 200,
                  "{\"access_token\":\"%s\",\"error\":\"%s\"}"
                      .formatted(ACCESS_TOKEN, request.headers().get("authorization"))));
  private int port;

  @BeforeEach
  void configure() throws IOException {
    Files.deleteIfExists(LOG);
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    settings.put("WEBHOOKS_DATABASE_URL", database.url() + "&password=" + PASSWORD);
    settings.put("WEBHOOKS_DATABASE_PASSWORD", PASSWORD);
    settings.put("WEBHOOKS_ADMIN_TOKEN", TOKEN);
    settings.put("WEBHOOKS_SECRETS_KEY", "");
    settings.put("WEBHOOKS_SECRETS_KEY_FILE", folder.resolve("secrets.key").toString());
    settings.put("WEBHOOKS_HTTP_PORT", Integer.toString(port));
    settings.put("WEBHOOKS_DELIVERY_RETRY_SCHEDULE", "1s,1s,1s");
    settings.put("WEBHOOKS_MANAGE_ENABLED", "true");
    settings.put(
        "JAVA_OPTS",
        "-XX:TieredStopAtLevel=1 -Duser.home="
            + folder
            + " -Dcamel.main.tracing=true -Dcamel.main.dump-routes=yaml -Dlogback.configurationFile="
            + Path.of("src/test/resources/log-everything.xml").toAbsolutePath());
    forbidden.addAll(
        List.of(
            GIVEN,
            BY_SQL,
            BROKEN,
            BY_API,
            HEADER,
            HEADER_BY_SQL,
            BY_FILE,
            HEADER_BY_FILE,
            CLIENT,
            CLIENT_BY_SQL,
            CLIENT_BY_FILE,
            ACCESS_TOKEN,
            base64("me:" + CLIENT),
            base64("me:" + CLIENT_BY_SQL),
            PASSWORD,
            TOKEN));
  }

  @AfterEach
  void close() {
    receiver.close();
    tokens.close();
    database.close();
  }

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void no_secret_is_in_anything_that_the_program_says() throws Exception {
    UUID given =
        added(
            command(
                "webhook",
                "add",
                receiver.url("/ok"),
                "--secret=" + GIVEN,
                "--header=Authorization: Bearer " + HEADER));
    UUID pair = added(command("webhook", "add", receiver.url("/ok"), "--ed25519", "--duplicate"));
    UUID granted =
        added(
            command(
                "webhook",
                "add",
                receiver.url("/granted"),
                "--secret=" + GIVEN,
                "--oauth2-token-url=" + tokens.url("/"),
                "--oauth2-client-id=me",
                "--oauth2-client-secret=" + CLIENT));
    String creation =
        PackagedProgram.command(settings, 0, "webhook", "add", receiver.url("/fails"));
    UUID made = added(creation);
    forbidden.add(shownOnce(creation));
    try (PackagedProgram program = PackagedProgram.run(settings, LOG)) {
      soon() // all that it logs takes its time
          .atMost(Duration.ofMinutes(1))
          .until(() -> get("/observe/health").contains("UP"));
      // Its next turn is ten seconds away: what is written by SQL now is met in plain text by the
      // load.
      soon().until(() -> Files.readString(LOG).contains("afterRoute: tidy-secrets "));
      insert(receiver.url("/ok"), BY_SQL);
      insert(receiver.url("/ok"), BROKEN);
      insertGranted(receiver.url("/granted"));
      ApiClient api = new ApiClient("http://127.0.0.1:" + port, TOKEN);
      String byApi = addedBy(api);
      change();
      soon().until(() -> books.count("webhooks.delivery") == 8);
      forbidden.add(
          shownOnce(PackagedProgram.command(settings, 0, "webhook", "rotate-secret", "" + made)));
      command("webhook", "rotate-secret", "" + pair, "--overlap", "1h");
      Reply rotated = api.post("/rest/webhooks/" + byApi + "/rotate-secret", "{}");
      forbidden.add(rotated.body().get("secret").asText());
      command("secret", "rekey");
      change();
      soon().until(() -> books.count("webhooks.delivery") == 16);
      assertThat(books.count("webhooks.delivery WHERE state = 'delivered'")).isEqualTo(10);
      assertThat(receiver.received())
          .as("the headers are sent all the same")
          .anyMatch(r -> ("Bearer " + HEADER).equals(r.headers().get("authorization")))
          .anyMatch(r -> HEADER_BY_SQL.equals(r.headers().get("x-api-key")))
          .anyMatch(r -> ("Bearer " + ACCESS_TOKEN).equals(r.headers().get("authorization")));
      assertThat(tokens.received("/fails"))
          .as("the token server answers with what it was sent")
          .anyMatch(
              r ->
                  r.headers()
                      .get("authorization")
                      .equals("Basic " + base64("me:" + CLIENT_BY_SQL)));
      command("send-test", "" + granted, "--url", "http://127.0.0.1:" + port, "--token", TOKEN);
      for (UUID webhook : List.of(given, pair, made, granted)) {
        command("webhook", "show", "" + webhook);
      }
      applyFile();
      command("webhook", "list");
      assertThat(command("secret", "status")).contains(" secrets, and new ones from now on");
      for (String path :
          List.of(
              "/observe/health",
              "/observe/metrics",
              "/observe/info",
              "/q/dev",
              "/openapi.json",
              "/rest/webhooks",
              "/rest/webhooks/" + given,
              "/rest/deliveries",
              "/rest/stats")) {
        output.append(get(path));
      }
      output.append(new ManagedProgram(program.pid(), folder).shown());
      new ProcessBuilder("kill", "-QUIT", "" + program.pid()).start().waitFor();
      soon().until(() -> Files.readString(LOG).contains("Full thread dump"));
      program.stop();
    }
    collectStored();
    refuseOtherKeys();
    String all = output + Files.readString(LOG);
    assertThat(all)
        .as("the routes are traced, and all loggers open")
        .contains(
            "load-webhooks",
            "headers=[Content-Type",
            "$aes-256-gcm$",
            "Full thread dump",
            "delivery.attempted",
            "camel_exchanges_total{",
            "\"routeId\":\"deliver-webhook\"",
            "type=routes,name=\"deliver-webhook\"",
            "\"publicKey\":\"whpk_");
    assertThat(all)
        .contains("cannot be signed", "public key whpk_", "signs as well until")
        .contains("access token kept from before", "token server: HTTP 401");
    for (String secret : forbidden) {
      for (String part : parts(secret)) {
        assertThat(all.contains(part)).as("a secret, from '%.6s…' on, is shown", part).isFalse();
      }
    }
  }

  /** On the database, and by the API. */
  private void applyFile() throws IOException {
    settings.put("BY_FILE", BY_FILE);
    settings.put("HEADER_BY_FILE", HEADER_BY_FILE);
    settings.put("CLIENT_BY_FILE", CLIENT_BY_FILE);
    Path file =
        Files.writeString(
            folder.resolve("webhooks.yaml"),
            """
            webhooks:
              - name: kept
                targetUrl: https://example.org/
                operations: [never.ever]
                secret: env:BY_FILE
                headers: {X-Key: env:HEADER_BY_FILE}
                oauth2: {tokenUrl: https://example.org/, clientId: me, clientSecret: env:CLIENT_BY_FILE}
            """);
    command("config", "apply", "" + file);
    String[] plan = {
      "config", "plan", "" + file, "--url", "http://127.0.0.1:" + port, "--token", TOKEN
    };
    command(plan);
    Files.writeString(file, Files.readString(file).replace("env:BY_FILE", "env:HEADER_BY_FILE"));
    output.append(PackagedProgram.command(settings, 6, plan));
    command("config", "export");
  }

  /** The values that only the database and the key file know. */
  private void collectStored() throws Exception {
    for (String line : Files.readAllLines(folder.resolve("secrets.key"))) {
      if (!line.startsWith("#")) {
        forbidden.add(line);
      }
    }
    assertThat(forbidden).as("with the keys before and after the rekeying").hasSize(21);
    Secrets secrets =
        Secrets.open(
            database.settings(
                Map.of(
                    "webhooks.secrets.key",
                    "",
                    "webhooks.secrets.key-file",
                    folder.resolve("secrets.key").toString())),
            database.dataSource());
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "SELECT id, secret, previous_secret, headers::text || coalesce(oauth2::text, '') FROM webhooks.subscription");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        assertThat(row.getString(2)).startsWith("$aes-256-gcm$");
        UUID id = row.getObject(1, UUID.class);
        forbidden.add(secrets.open(id, row.getString(2)));
        forbidden.add(secrets.open(id, row.getString(3)));
        assertThat(row.getString(4))
            .doesNotContain(
                HEADER, HEADER_BY_SQL, HEADER_BY_FILE, CLIENT, CLIENT_BY_SQL, CLIENT_BY_FILE);
      }
    }
    forbidden.removeIf(String::isEmpty);
  }

  private void refuseOtherKeys() {
    Map<String, String> other = new HashMap<>(settings);
    String key = "b3RoZXIga2V5IG9mIHRoaXJ0eS10d28gYnl0ZXMgISE=";
    other.put("WEBHOOKS_SECRETS_KEY", key);
    forbidden.add(key);
    output.append(PackagedProgram.command(other, 1, "run"));
    other.put("WEBHOOKS_SECRETS_KEY", key + "x");
    output.append(PackagedProgram.command(other, 1, "run"));
    assertThat(output).contains("not in webhooks.secrets.key", "webhooks.secrets.key must be");
  }

  /** As a whole, and without the prefix that says of what kind it is. */
  private static List<String> parts(String secret) {
    return List.of(secret, secret.replaceFirst("^wh[a-z]+_", ""));
  }

  private String command(String... arguments) {
    String printed = PackagedProgram.command(settings, 0, arguments);
    output.append(printed);
    return printed;
  }

  private static UUID added(String printed) {
    return UUID.fromString(find("added webhook ([0-9a-f-]{36})", printed));
  }

  private String addedBy(ApiClient api) {
    String webhook =
        """
        {"targetUrl":"%s","secret":"%s","headers":{"Authorization":"Bearer %s"},"duplicate":true}"""
            .formatted(receiver.url("/ok"), BY_API, HEADER);
    return api.post("/rest/webhooks", webhook).body().get("id").asText();
  }

  private String shownOnce(String printed) {
    String secret = find("(?m)^secret (\\S+)$", printed);
    output.append(printed.replaceFirst("(?m)^secret .*$", "")); // once is what was asked for
    return secret;
  }

  private static String find(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as("%s in the output", pattern).isTrue();
    return matcher.group(1);
  }

  private void insert(String url, String secret) throws Exception {
    update(
        "INSERT INTO webhooks.subscription (target_url, secret, headers) VALUES (?, ?, jsonb_build_object('X-Api-Key', ?))",
        url,
        secret,
        HEADER_BY_SQL);
  }

  /** Its token server refuses. */
  private void insertGranted(String url) throws Exception {
    update(
        "INSERT INTO webhooks.subscription (target_url, secret, oauth2) VALUES (?, ?, jsonb_build_object('tokenUrl', ?, 'clientId', 'me', 'clientSecret', ?))",
        url,
        BY_SQL,
        tokens.url("/fails"),
        CLIENT_BY_SQL);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void change() throws Exception {
    update("INSERT INTO webhooks.change (event, record) VALUES ('person.created', '{}')");
  }

  private void update(String sql, String... parameters) throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      statement.executeUpdate();
    }
  }

  private String get(String path) {
    try {
      URI uri = URI.create("http://127.0.0.1:" + port + path);
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + TOKEN).build(),
              BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return ""; // does not listen yet
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
