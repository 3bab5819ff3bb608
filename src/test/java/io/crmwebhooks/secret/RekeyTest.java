package io.crmwebhooks.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crmwebhooks.settings.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RekeyTest {
  private static final Duration HEARTBEAT = Duration.ofMillis(100);
  private static final int WEBHOOKS = 450; // more than two batches

  @TempDir private Path folder;
  private final SecretRows rows = new SecretRows();
  private final List<UUID> webhooks = new ArrayList<>();
  private Path file;
  private Secrets running;

  @BeforeEach
  void store() {
    file = folder.resolve("secrets.key");
    for (int i = 0; i < WEBHOOKS; i++) {
      webhooks.add(rows.insert("secret " + i));
    }
    rows.sql(
        "UPDATE webhooks.subscription SET previous_secret = 'old', previous_secret_until = now() + interval '1 hour', headers = '{\"X-A\":\"value\",\"X-B\":\"\"}', oauth2 = '{\"tokenUrl\":\"t\",\"clientId\":\"i\",\"clientSecret\":\"hush\"}'");
    running = rows.open(file);
  }

  @AfterEach
  void close() {
    rows.close();
  }

  @Test
  void moves_all_secrets_under_a_new_key_that_running_processes_find_by_themselves()
      throws Exception {
    Rekey.Result result = rekey();
    assertThat(result.moved()).isEqualTo(WEBHOOKS);
    assertThat(result.unreadable()).isZero();
    assertThat(result.to()).isNotEqualTo(result.from());
    requireAllUnder(result.to());
    for (int i = 0; i < WEBHOOKS; i++) {
      UUID webhook = webhooks.get(i);
      assertThat(running.open(webhook, rows.secret(webhook))).isEqualTo("secret " + i);
      assertThat(running.open(webhook, rows.previous(webhook))).isEqualTo("old");
      assertThat(running.open(webhook, SecretColumn.HEADERS, rows.headers(webhook)))
          .isEqualTo("{\"X-A\":\"value\",\"X-B\":\"\"}");
      assertThat(running.open(webhook, SecretColumn.OAUTH2, rows.oauth2(webhook)))
          .contains("\"clientSecret\":\"hush\"");
    }
    UUID added = UUID.randomUUID();
    assertThat(SealedSecret.keyId(rows.seal(running, added, "new"))).isEqualTo(result.to());
  }

  @Test
  void headers_that_alone_were_not_reached_are_moved_by_the_next_one() throws Exception {
    String key = rekey().to();
    StorageKey old = new KeyFile(file).read().get(0);
    UUID webhook = webhooks.get(3);
    rows.sql(
        "UPDATE webhooks.subscription SET headers = jsonb_build_object('X-A', CAST(? AS text)) WHERE id = ?",
        SealedSecret.seal(old, SealedSecret.header("X-A"), webhook, "value"),
        webhook);
    Rekey.Result second = rekey();
    assertThat(second.to()).isEqualTo(key);
    assertThat(second.moved()).isEqualTo(1);
    requireAllUnder(key);
  }

  @Test
  void the_old_key_may_go_afterwards() throws Exception {
    rekey();
    String newest = new KeyFile(file).read().get(1).base64();
    Secrets withoutOld = rows.open("webhooks.secrets.key", newest);
    assertThat(withoutOld.open(webhooks.get(7), rows.secret(webhooks.get(7))))
        .isEqualTo("secret 7");
  }

  @Test
  void an_interrupted_one_is_finished_with_the_same_key() throws Exception {
    String key = rekey().to();
    for (UUID webhook : webhooks.subList(0, 300)) { // as if these had not been reached
      StorageKey old = new KeyFile(file).read().get(0);
      rows.sql(
          "UPDATE webhooks.subscription SET secret = ? WHERE id = ?",
          SealedSecret.seal(old, SealedSecret.SECRET, webhook, "secret"),
          webhook);
    }
    Rekey.Result second = rekey();
    assertThat(second.to()).isEqualTo(key);
    assertThat(second.moved()).isEqualTo(300);
    requireAllUnder(key);
    assertThat(new KeyFile(file).read()).hasSize(2);
  }

  @Test
  void one_interrupted_before_the_first_secret_makes_no_further_key() throws Exception {
    StorageKey made = StorageKey.generate();
    new KeyFile(file).append(made);
    assertThat(rekey().to()).isEqualTo(made.id());
    requireAllUnder(made.id());
  }

  @Test
  void each_further_one_makes_a_key_of_its_own() throws Exception {
    String first = rekey().to();
    assertThat(rekey().to()).isNotEqualTo(first);
    assertThat(new KeyFile(file).read()).hasSize(3);
  }

  @Test
  void waits_for_no_process_that_is_gone_but_changes_nothing_while_one_lacks_the_key()
      throws IOException {
    String before = rows.secret(webhooks.get(0));
    rows.sql("INSERT INTO webhooks.node (seen_at) VALUES (now() + interval '1 hour')");
    assertThatThrownBy(this::rekey)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("the numbers " + rows.value("SELECT id FROM webhooks.node"))
        .hasMessageContaining("nothing was changed");
    assertThat(rows.secret(webhooks.get(0))).isEqualTo(before);
    assertThat(SealedSecret.keyId(before))
        .isEqualTo(rows.value("SELECT id FROM webhooks.secret_key"));
    rows.sql("UPDATE webhooks.node SET seen_at = now() - interval '1 hour'");
    try {
      assertThat(rekey().moved()).isEqualTo(WEBHOOKS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_process_that_has_the_key_is_waited_for_no_longer() throws Exception {
    StorageKey made = StorageKey.generate();
    new KeyFile(file).append(made);
    rows.sql(
        "INSERT INTO webhooks.node (seen_at, secret_keys) VALUES (now() + interval '1 hour', CAST(? AS text[]))",
        running.getKeyIds());
    assertThat(running.getKeyIds()).contains(made.id());
    assertThat(rekey().to()).isEqualTo(made.id());
  }

  @Test
  void keys_of_the_setting_are_for_the_operator_to_make() throws Exception {
    String old = new KeyFile(file).read().get(0).base64();
    Secrets fromSetting = rows.open("webhooks.secrets.key", old);
    assertThatThrownBy(() -> new Rekey(fromSetting, HEARTBEAT).run())
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("add another at its end")
        .message()
        .doesNotContain(old);
    StorageKey added = StorageKey.generate();
    Secrets withBoth = rows.open("webhooks.secrets.key", old + "," + added.base64());
    assertThat(new Rekey(withBoth, HEARTBEAT).run().to()).isEqualTo(added.id());
    requireAllUnder(added.id());
    assertThat(Files.readAllLines(file)).hasSize(3);
  }

  @Test
  void secrets_of_deleted_webhooks_that_nobody_can_open_are_left_and_counted() throws Exception {
    UUID lost = rows.insert("");
    rows.sql(
        "UPDATE webhooks.subscription SET deleted_at = now(), secret = ? WHERE id = ?",
        SealedSecret.seal(StorageKey.generate(), SealedSecret.SECRET, lost, "x"),
        lost);
    Rekey.Result result = rekey();
    assertThat(result.unreadable()).isEqualTo(1);
    assertThat(result.moved()).isEqualTo(WEBHOOKS);
    assertThat(rekey().to())
        .as("it does not keep the next one from its own key")
        .isNotEqualTo(result.to());
  }

  @Test
  void a_client_secret_that_alone_was_not_reached_is_moved_by_the_next_one() throws Exception {
    String key = rekey().to();
    StorageKey old = new KeyFile(file).read().get(0);
    UUID webhook = webhooks.get(3);
    rows.sql(
        "UPDATE webhooks.subscription SET oauth2 = jsonb_set(oauth2, '{clientSecret}', to_jsonb(CAST(? AS text))) WHERE id = ?",
        SealedSecret.seal(old, SealedSecret.CLIENT_SECRET, webhook, "hush"),
        webhook);
    Rekey.Result second = rekey();
    assertThat(second.to()).isEqualTo(key);
    assertThat(second.moved()).isEqualTo(1);
    requireAllUnder(key);
  }

  private Rekey.Result rekey() throws Exception {
    return new Rekey(rows.open(file), HEARTBEAT).run();
  }

  private void requireAllUnder(String key) {
    assertThat(
            rows.value(
                "SELECT count(*) FROM webhooks.subscription WHERE NOT starts_with(secret, ?) OR NOT starts_with(previous_secret, ?) OR NOT starts_with(headers ->> 'X-A', ?) OR NOT starts_with(oauth2 ->> 'clientSecret', ?)",
                SealedSecret.PREFIX + key + "$",
                SealedSecret.PREFIX + key + "$",
                SealedSecret.PREFIX + key + "$",
                SealedSecret.PREFIX + key + "$"))
        .isEqualTo(0L);
  }
}
