package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crmwebhooks.admin.NewWebhook;
import io.crmwebhooks.admin.Webhooks;
import io.crmwebhooks.http.EgressRules;
import io.crmwebhooks.packaged.Books;
import io.crmwebhooks.packaged.Ledger;
import io.crmwebhooks.packaged.LoopServer;
import io.crmwebhooks.packaged.PackagedProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kills the packaged program in the middle of a replay, again and again, and uses its commands. */
@Tag("packaged")
class ReplayCrashTest {
  private static final int CHANGES = 1600;
  private static final int KILLS = 2;
  private static final Path LOG = Path.of("target", "replay-crash-test.log");

  private final TestDatabase database = TestDatabase.create();
  private final Map<String, String> settings =
      new HashMap<>(
          Map.of(
              "JAVA_OPTS", "-XX:TieredStopAtLevel=1", // lives too short for the better compiler
              "WEBHOOKS_DATABASE_URL", database.url(),
              "WEBHOOKS_EGRESS_ALLOW", "127.0.0.1",
              "WEBHOOKS_POLL_LEASE", "1s",
              "WEBHOOKS_DELIVERY_TIMEOUT", "2s",
              "WEBHOOKS_DELIVERY_LEASE", "3s",
              "WEBHOOKS_DELIVERY_RETRY_SCHEDULE",
                  String.join(",", Collections.nCopies(30, "200ms"))));
  private final Books books = new Books(database.dataSource());
  private final Ledger ledger = new Ledger(1);
  private final LoopServer receiver = LoopServer.start(ledger);

  @AfterEach
  void close() {
    receiver.close();
    database.close();
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement made = connection.createStatement()) {
      made.execute(statement);
    }
  }

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void a_replay_whose_process_is_killed_again_and_again_owes_everything_once() throws Exception {
    Files.deleteIfExists(LOG);
    UUID webhook =
        new Webhooks(
                database.dataSource(),
                EgressRules.of(database.settings(Map.of("webhooks.egress.allow", "127.0.0.1"))))
            .add(
                database.secrets(),
                NewWebhook.of("", receiver.url("/new"), List.of("*.*"), "secret"));
    sql(
        "INSERT INTO webhooks.change (event, record_id, record) "
            + "SELECT 'person.created', n, CAST('{\"n\":' || n || '}' AS json) FROM generate_series(1, %d) n"
                .formatted(CHANGES));
    sql("DELETE FROM webhooks.change_queue");
    assertThat(command("reconcile").code()).as("with %d gaps", CHANGES).isEqualTo(5);
    PackagedProgram.Done started =
        command("replay", "start", webhook.toString(), "--since", "1h", "--json");
    assertThat(started.code()).as(started.output()).isZero();

    for (int kill = 1; kill <= KILLS; kill++) {
      int target = kill * CHANGES / (KILLS + 2);
      try (PackagedProgram program = run()) {
        program.awaitReached(ledger, target);
        program.kill();
      }
      assertThat(ledger.reached()).as("killed before the end").isLessThan(CHANGES);
    }
    try (PackagedProgram program = run()) {
      program.awaitReached(ledger, CHANGES);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> books.count("webhooks.replay WHERE state = 'done'") == 1);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> books.count("webhooks.delivery WHERE state = 'pending'") == 0);
      assertThat(program.stop()).as("exit code after SIGTERM").isZero();
    }
    System.out.printf(
        "ReplayCrashTest: %d kills, %d replayed, %d repeated%n",
        KILLS, ledger.reached(), ledger.repeats());
    assertThat(ledger.differences()).as("repeats that differ from the first").isEmpty();
    assertThat(ledger.ids()).isEqualTo(CHANGES);
    assertThat(books.count("webhooks.delivery WHERE state = 'delivered'")).isEqualTo(CHANGES);
    assertThat(books.count("webhooks.delivery")).isEqualTo(CHANGES);
    assertThat(books.count("webhooks.replay WHERE owed = " + CHANGES)).isEqualTo(1);

    assertThat(command("reconcile").output()).contains("Nothing is lost");
    assertThat(command("check").output()).contains("The tables agree with each other.");
    assertThat(command("replay", "show", "1").output())
        .contains("replay 1 is done, 100 %")
        .contains("%,d delivered".formatted(CHANGES));
    sql("DELETE FROM webhooks.delivery WHERE change_id = 7");
    PackagedProgram.Done gap = command("reconcile", "--json");
    assertThat(gap.code()).isEqualTo(5);
    assertThat(gap.output()).contains("\"changeId\" : 7");
    sql("DELETE FROM webhooks.doorbell");
    PackagedProgram.Done check = command("check");
    assertThat(check.code()).isEqualTo(5);
    assertThat(check.output()).contains("doorbell has 0 rows instead of 1");
  }

  private PackagedProgram run() {
    ledger.nextLife();
    return PackagedProgram.run(settings, LOG);
  }

  private PackagedProgram.Done command(String... arguments) {
    return PackagedProgram.command(settings, arguments);
  }
}
