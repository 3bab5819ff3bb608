package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crmwebhooks.packaged.Books;
import io.crmwebhooks.packaged.CrmAtWork;
import io.crmwebhooks.packaged.Ledger;
import io.crmwebhooks.packaged.LoopServer;
import io.crmwebhooks.packaged.MixedWebhook;
import io.crmwebhooks.packaged.PackagedProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the packaged program again and again while it works, counts what was lost, and looks
 * whether the webhook that wants an order was sent one. The webhooks are {@link MixedWebhook}. The
 * moments are random; {@code -Dcrash.seed} repeats their choice, though not the course of the run.
 */
@Tag("packaged")
class CrashTest {
  private static final int CHANGES = 8_000;
  private static final int KILLS = 8;
  private static final int CHANGES_A_LIFE = CHANGES / (KILLS + 1);
  private static final Path LOG = Path.of("target", "crash-test.log");

  /** The path of the one that wants the changes of a record in their order. */
  private static final String ORDERED = MixedWebhook.ORDERED.path();

  private static final Map<String, String> SETTINGS =
      Map.of(
          "WEBHOOKS_NODE_HEARTBEAT", "100ms",
          "WEBHOOKS_POLL_BATCH_SIZE", "100",
          "WEBHOOKS_DELIVERY_TIMEOUT", "2s",
          "WEBHOOKS_DELIVERY_LEASE", "3s",
          "WEBHOOKS_ENDPOINT_FIRST_PAUSE", "300ms",
          "WEBHOOKS_DELIVERY_RETRY_SCHEDULE", String.join(",", Collections.nCopies(30, "200ms")));

  @TempDir private static Path temporary;

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final TestDatabase database = TestDatabase.create();
  private final Books books = new Books(database.dataSource());
  private final Ledger ledger = new Ledger(seed);
  private final LoopServer receiver = LoopServer.start(ledger);
  private final CrmAtWork crm = new CrmAtWork(database.dataSource(), CHANGES, seed);
  private int granted;

  @BeforeEach
  void addWebhooks() throws Exception {
    System.out.println("CrashTest: -Dcrash.seed=" + seed + ", log in " + LOG);
    Files.deleteIfExists(LOG);
    MixedWebhook.addAll(database.dataSource(), receiver::url);
  }

  @AfterEach
  void close() {
    crm.close();
    receiver.close();
    database.close();
  }

  @Test
  @Timeout(value = 8, unit = TimeUnit.MINUTES)
  void nothing_is_lost_and_order_is_kept_when_the_program_is_killed_eight_times() throws Exception {
    int killedAtWork = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      killedAtWork += liveAndDie(kill) ? 1 : 0;
    }
    try (PackagedProgram program = run()) {
      grant(CHANGES - granted);
      crm.finish();
      awaitReached(program, owed().size());
      awaitNothingLeft(program);
      assertThat(program.stop()).as("exit code after SIGTERM").isZero();
    }
    System.out.printf(
        "CrashTest: %d kills, %d of them with changes claimed; %d deliveries, %d repeated; %d overtaken where no order was asked for; %d access tokens; %d changes rolled back%n",
        KILLS,
        killedAtWork,
        ledger.reached(),
        ledger.repeats(),
        ledger.overtaken(MixedWebhook.PLAIN.path()).size(),
        ledger.tokens(),
        crm.rolledBack());
    requireBooksInOrder();
    assertThat(temporary).as("what the killed ones left behind").isEmptyDirectory();
    assertThat(killedAtWork).as("kills while changes were claimed").isGreaterThan(KILLS / 4);
  }

  /** One life of the program; says whether it died at work. */
  private boolean liveAndDie(int kill) throws InterruptedException {
    grant(CHANGES_A_LIFE / 2);
    int before = ledger.reached();
    try (PackagedProgram program = run()) {
      awaitReached(program, before + 1);
      grant(CHANGES_A_LIFE - CHANGES_A_LIFE / 2);
      int owed = MixedWebhook.owed(granted - CrmAtWork.mostOpen());
      int target = before + 1 + (int) (0.75 * random.nextDouble() * (owed - before - 1));
      awaitReached(program, target);
      // Waits for nothing: the kill shall come at a moment that nothing in the program leads to.
      Thread.sleep(random.nextInt(100));
      program.kill();
    }
    long claimed = books.count("webhooks.undispatched WHERE claim_id IS NOT NULL");
    System.out.printf(
        "CrashTest: kill %d after %d deliveries of %d owed, %d changes claimed, %d pending, %d repeats, %d needless%n",
        kill,
        ledger.reached(),
        MixedWebhook.owed(granted),
        claimed,
        books.count("webhooks.delivery WHERE state = 'pending'"),
        ledger.repeats(),
        ledger.needless());
    return claimed > 0;
  }

  private PackagedProgram run() {
    ledger.nextLife();
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.putAll(MixedWebhook.settings(receiver::url));
    settings.put("WEBHOOKS_DATABASE_URL", database.url());
    // It lives too short for the better compiler.
    settings.put("JAVA_OPTS", "-XX:TieredStopAtLevel=1 -Djava.io.tmpdir=" + temporary);
    return PackagedProgram.run(settings, LOG);
  }

  private void grant(int changes) {
    crm.grant(changes);
    granted += changes;
  }

  private void awaitReached(PackagedProgram program, int deliveries) {
    try {
      program.awaitReached(ledger, deliveries);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "%d of %d deliveries reached the receiver. %s"
              .formatted(ledger.reached(), deliveries, missing()),
          e);
    }
  }

  private void awaitNothingLeft(PackagedProgram program) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              program.requireAlive();
              assertThat(books.count("webhooks.undispatched")).as("changes queued").isZero();
              assertThat(books.count("webhooks.delivery WHERE state = 'pending'"))
                  .as("pending")
                  .isZero();
            });
  }

  private Set<Ledger.Entry> owed() {
    return MixedWebhook.owed(crm.committed().stream().mapToInt(number -> number));
  }

  private String missing() {
    Set<Ledger.Entry> missing = owed();
    missing.removeAll(ledger.accepted());
    return missing.stream()
        .sorted(Comparator.comparing(Ledger.Entry::number))
        .limit(10)
        .map(entry -> entry.path() + ", " + books.whereIs(entry.number()))
        .collect(Collectors.joining("\n", "The first that are missing:\n", ""));
  }

  private void requireBooksInOrder() {
    Set<Ledger.Entry> owed = owed();
    int all = owed.size();
    assertThat(ledger.overtaken(ORDERED)).as("accepted after newer ones of its record").isEmpty();
    assertThat(ledger.stale(ORDERED)).as("left with an older state of a record").isEmpty();
    assertThat(ledger.differences()).as("repeats that differ from the first").isEmpty();
    assertThat(ledger.ids()).as("webhook-ids").isEqualTo(all);
    assertThat(ledger.accepted().containsAll(owed)).as(missing()).isTrue();
    assertThat(owed.containsAll(ledger.entries())).as("nothing came that was not owed").isTrue();
    assertThat(books.reconciled())
        .as("as reconcile counts them")
        .isEqualTo(
            Map.of(
                "delivered",
                (long) all,
                "filtered",
                (long) CHANGES * MixedWebhook.values().length - all));
    assertThat(books.count("webhooks.delivery")).as("deliveries in the database").isEqualTo(all);
    assertThat(books.count("webhooks.delivery WHERE state = 'delivered'"))
        .as("delivered")
        .isEqualTo(all);
    assertThat(books.count("(SELECT DISTINCT change_id, subscription_id FROM webhooks.delivery) d"))
        .as("change and webhook, each pair once")
        .isEqualTo(all);
    assertThat(books.count("webhooks.parked_change")).as("parked").isZero();
  }
}
