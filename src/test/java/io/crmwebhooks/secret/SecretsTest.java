package io.crmwebhooks.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.http.HttpDestination;
import io.crmwebhooks.settings.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets in a real database, and what stops a process that cannot read them. */
class SecretsTest {
  private static final String PLAIN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  @TempDir private Path folder;
  private final SecretRows rows = new SecretRows();

  @AfterEach
  void close() {
    rows.close();
  }

  @Test
  void the_first_start_makes_a_key_and_encrypts_what_was_written_by_sql() throws IOException {
    UUID webhook = rows.insert(PLAIN);
    UUID unsigned = rows.insert("");
    Secrets secrets = rows.open(folder.resolve("secrets.key"));
    assertThat(rows.secret(webhook)).startsWith(SealedSecret.PREFIX).doesNotContain("MfKQ9r8G");
    assertThat(secrets.open(webhook, rows.secret(webhook))).isEqualTo(PLAIN);
    assertThat(rows.secret(unsigned)).isEmpty();
    assertThat(Files.readString(folder.resolve("secrets.key"))).doesNotContain("MfKQ9r8G");
  }

  @Test
  void the_load_reads_nothing_of_a_webhook_that_has_anything_in_plain_text() throws Exception {
    UUID sealed = rows.insert(PLAIN);
    rows.open(folder.resolve("secrets.key"));
    assertThat(rows.loaded(sealed)).startsWith("f " + SealedSecret.PREFIX);
    UUID plain = rows.insert(PLAIN);
    assertThat(rows.loaded(plain)).isEqualTo("t null null null");
    assertThat(rows.loaded(sealed)).startsWith("t " + SealedSecret.PREFIX);
  }

  @Test
  void the_key_file_stands_beside_the_embedded_data_unless_another_is_named() {
    rows.open("webhooks.database.data", folder.toString(), "webhooks.secrets.key", "");
    assertThat(folder.resolve("secrets.key")).exists();
  }

  @Test
  void a_second_process_reads_with_the_same_file_and_with_the_same_key_in_the_setting()
      throws IOException {
    UUID webhook = rows.insert(PLAIN);
    Path file = folder.resolve("secrets.key");
    rows.open(file);
    String sealed = rows.secret(webhook);
    assertThat(rows.open(file).open(webhook, sealed)).isEqualTo(PLAIN);
    String key = new KeyFile(file).read().get(0).base64();
    assertThat(rows.open("webhooks.secrets.key", key).open(webhook, sealed)).isEqualTo(PLAIN);
    assertThat(rows.secret(webhook)).isEqualTo(sealed);
  }

  @Test
  void a_process_without_the_key_does_not_start_and_makes_none() {
    UUID webhook = rows.insert(PLAIN);
    Secrets first = rows.open(folder.resolve("first.key"));
    Path other = folder.resolve("other.key");
    assertThatThrownBy(() -> rows.open(other))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhook " + webhook)
        .hasMessageContaining("webhooks.secrets.key-file=" + other)
        .hasMessageContaining("under the key " + first.keys().ids().first());
    assertThat(other).doesNotExist();
    String key = StorageKey.generate().base64();
    assertThatThrownBy(() -> rows.open("webhooks.secrets.key", key))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhook " + webhook)
        .hasMessageContaining("not in webhooks.secrets.key")
        .message()
        .doesNotContain(key);
  }

  @Test
  void a_secret_in_the_row_of_another_webhook_stops_the_start() {
    UUID mine = rows.insert(PLAIN);
    UUID theirs = rows.insert("theirs");
    Path file = folder.resolve("secrets.key");
    rows.open(file);
    rows.sql("UPDATE webhooks.subscription SET secret = ? WHERE id = ?", rows.secret(mine), theirs);
    assertThatThrownBy(() -> rows.open(file))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhook " + theirs)
        .hasMessageContaining("another webhook");
  }

  @Test
  void a_deleted_webhook_stops_nobody() {
    UUID webhook = rows.insert(PLAIN);
    rows.open(folder.resolve("first.key"));
    rows.sql("UPDATE webhooks.subscription SET deleted_at = now() WHERE id = ?", webhook);
    rows.open(folder.resolve("other.key"));
  }

  @Test
  void processes_on_one_database_need_the_same_keys_even_before_there_is_a_secret() {
    rows.open(folder.resolve("first.key"));
    rows.sql("INSERT INTO webhooks.node DEFAULT VALUES");
    Path other = folder.resolve("other.key");
    assertThatThrownBy(() -> rows.open(other))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("other processes")
        .hasMessageContaining(other.toString());
    assertThat(other).doesNotExist();
    rows.sql("UPDATE webhooks.node SET seen_at = now() - interval '1 hour'");
    rows.open(other); // nobody runs and nothing is stored: the lost key is not missed
    assertThat(other).exists();
  }

  @Test
  void a_key_is_never_made_twice_by_processes_that_start_at_once() throws Exception {
    Path file = folder.resolve("secrets.key");
    rows.atOnce(8, () -> rows.open(file));
    assertThat(new KeyFile(file).read()).hasSize(1);
  }

  @Test
  void an_unreadable_key_file_is_named() throws IOException {
    Path file = Files.writeString(folder.resolve("secrets.key"), "halfakey");
    assertThatThrownBy(() -> rows.open(file))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhooks.secrets.key-file=" + file)
        .message()
        .doesNotContain("halfakey");
  }

  @Test
  void a_secret_in_plain_text_is_encrypted_by_the_housekeeping_and_one_past_its_end_forgotten()
      throws Exception {
    Secrets secrets = rows.open(folder.resolve("secrets.key"));
    UUID webhook = rows.insert(PLAIN);
    rows.sql(
        "UPDATE webhooks.subscription SET previous_secret = 'old', previous_secret_until = now() + interval '1 hour'");
    secrets.tidy();
    assertThat(secrets.open(webhook, rows.secret(webhook))).isEqualTo(PLAIN);
    assertThat(rows.previous(webhook)).startsWith(SealedSecret.PREFIX);
    long revision = rows.revision();
    secrets.tidy();
    assertThat(rows.revision()).as("nothing to do tells nobody").isEqualTo(revision);
    rows.sql("UPDATE webhooks.subscription SET previous_secret_until = now() - interval '1 s'");
    secrets.tidy();
    assertThat(rows.previous(webhook)).isEmpty();
  }

  @Test
  void the_values_of_headers_that_were_written_by_sql_are_encrypted_and_their_names_are_not()
      throws Exception {
    UUID before = rows.insert("");
    setHeaders(before, "{\"Authorization\":\"Bearer hush\",\"X-Empty\":\"\"}");
    Secrets secrets = rows.open(folder.resolve("secrets.key"));
    assertThat(rows.headers(before))
        .contains("\"Authorization\": \"" + SealedSecret.PREFIX, "\"X-Empty\": \"\"")
        .doesNotContain("hush");
    UUID after = rows.insert("");
    setHeaders(after, "{\"X-Number\":12.50,\"X-No-Text\":{\"a\":\"b\"},\"X-Null\":null}");
    secrets.tidy();
    assertThat(rows.headers(after)).doesNotContain("12.50").contains("{\"a\": \"b\"}");
    long revision = rows.revision();
    secrets.tidy();
    assertThat(rows.revision()).as("nothing to do tells nobody").isEqualTo(revision);
    assertThat(secrets.open(before, SecretColumn.HEADERS, rows.headers(before)))
        .contains("\"Authorization\":\"Bearer hush\"");
    assertThat(secrets.open(after, SecretColumn.HEADERS, rows.headers(after)))
        .contains("\"X-Number\":\"12.50\"");
  }

  @Test
  void headers_without_their_key_stop_the_start_and_those_of_another_webhook_too() {
    UUID mine = rows.insert("");
    UUID theirs = rows.insert("");
    setHeaders(mine, "{\"X-A\":\"hush\"}");
    Path file = folder.resolve("secrets.key");
    rows.open(file);
    assertThatThrownBy(() -> rows.open(folder.resolve("other.key")))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhook " + mine + ": its header X-A is stored under the key");
    setHeaders(theirs, rows.headers(mine));
    assertThatThrownBy(() -> rows.open(file))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("webhook " + theirs + ": its stored header X-A was changed");
  }

  @Test
  void headers_that_do_not_open_when_they_are_loaded_say_so_and_are_not_sent() {
    Secrets secrets = rows.open(folder.resolve("secrets.key"));
    UUID webhook = rows.insert("");
    setHeaders(webhook, "{\"X-A\":\"$aes-256-gcm$00000000$AAAA\"}");
    HttpDestination loaded = loaded(secrets, webhook, "", rows.headers(webhook));
    assertThat(loaded.headers()).isEmpty();
    assertThat(loaded.problem())
        .startsWith("cannot be sent: its header X-A is stored under the key 00000000");
  }

  @Test
  void a_secret_that_cannot_sign_makes_its_webhook_unusable_and_is_not_left_out() {
    Secrets secrets = rows.open(folder.resolve("secrets.key"));
    HttpDestination loaded = loaded(secrets, UUID.randomUUID(), "whsec_%", "{}");
    assertThat(loaded.problem()).startsWith("cannot be signed: a secret that begins with whsec_");
    assertThat(loaded.target()).isNull();
  }

  @Test
  void a_client_secret_that_was_written_by_sql_is_encrypted_and_not_loaded_before()
      throws Exception {
    Secrets secrets = rows.open(folder.resolve("secrets.key"));
    UUID webhook = rows.insert(PLAIN);
    secrets.tidy();
    setOAuth2(
        webhook, "{\"tokenUrl\":\"https://t/\",\"clientId\":\"me\",\"clientSecret\":\"hush\"}");
    assertThat(rows.loaded(webhook)).isEqualTo("t null null null");
    assertThat(Secrets.status(rows.dataSource())).contains("none      1 secrets");
    secrets.tidy();
    assertThat(rows.loaded(webhook)).startsWith("f ");
    assertThat(rows.oauth2(webhook))
        .contains("\"clientId\": \"me\"", "\"clientSecret\": \"" + SealedSecret.PREFIX)
        .doesNotContain("hush");
    long revision = rows.revision();
    secrets.tidy();
    assertThat(rows.revision()).as("nothing to do tells nobody").isEqualTo(revision);
    assertThat(secrets.open(webhook, SecretColumn.OAUTH2, rows.oauth2(webhook)))
        .contains("\"clientSecret\":\"hush\"");
  }

  @Test
  void a_client_secret_opens_for_its_webhook_only_and_not_as_a_header() throws Exception {
    UUID mine = rows.insert("");
    UUID theirs = rows.insert("");
    setOAuth2(mine, "{\"tokenUrl\":\"https://t/\",\"clientId\":\"me\",\"clientSecret\":\"hush\"}");
    Path file = folder.resolve("secrets.key");
    Secrets secrets = rows.open(file);
    setHeaders(mine, rows.oauth2(mine));
    assertThatThrownBy(() -> secrets.open(mine, SecretColumn.HEADERS, rows.headers(mine)))
        .hasMessageContaining("its stored header clientSecret was changed");
    setHeaders(mine, "{}");
    setOAuth2(theirs, rows.oauth2(mine));
    assertThatThrownBy(() -> rows.open(file))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(theirs + ": its stored client secret of oauth2 was changed");
  }

  @Test
  void the_table_takes_no_client_credentials_that_could_hide_a_secret() {
    UUID webhook = rows.insert("");
    for (String wrong :
        new String[] {
          "[]",
          "{}",
          "null",
          "{\"tokenUrl\":\"t\",\"clientId\":\"i\"}",
          "{\"tokenUrl\":\"t\",\"clientId\":\"i\",\"clientSecret\":\"\"}",
          "{\"tokenUrl\":\"t\",\"clientId\":\"i\",\"clientSecret\":[\"hush\"]}",
          "{\"tokenUrl\":\"t\",\"clientId\":\"i\",\"clientSecret\":\"s\",\"more\":{\"a\":\"b\"}}"
        }) {
      assertThatThrownBy(() -> setOAuth2(webhook, wrong)).as(wrong).hasMessageContaining("check");
    }
  }

  private void setOAuth2(UUID webhook, String json) {
    rows.sql(
        "UPDATE webhooks.subscription SET oauth2 = CAST(? AS jsonb) WHERE id = ?", json, webhook);
  }

  private static HttpDestination loaded(
      Secrets secrets, UUID webhook, String secret, String headers) {
    return new StoredDestinations(secrets)
        .of(
            Map.of(
                "id",
                webhook,
                "target_url",
                "https://receiver.example/",
                "secret",
                secret,
                "signature_schemes",
                "[\"twenty\"]",
                "headers",
                headers));
  }

  private void setHeaders(UUID webhook, String json) {
    rows.sql(
        "UPDATE webhooks.subscription SET headers = CAST(? AS jsonb) WHERE id = ?", json, webhook);
  }

  @Test
  void what_looks_encrypted_is_refused_as_a_new_secret() {
    Secrets secrets = rows.open(folder.resolve("secrets.key"));
    assertThatThrownBy(() -> rows.seal(secrets, UUID.randomUUID(), "$aes-256-gcm$x"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
