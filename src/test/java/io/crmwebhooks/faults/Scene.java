package io.crmwebhooks.faults;

import static org.awaitility.Awaitility.await;

import io.crmwebhooks.KafkaBroker;
import io.crmwebhooks.admin.Reconciliation;
import io.crmwebhooks.database.Database;
import io.crmwebhooks.database.Sql;
import io.crmwebhooks.kafka.KafkaEngine;
import io.crmwebhooks.packaged.Books;
import io.crmwebhooks.packaged.Ledger;
import io.crmwebhooks.packaged.MixedWebhook;
import io.crmwebhooks.settings.Settings;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import javax.sql.DataSource;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A database with people at work in it, processes that share it through a wire, and a receiver to
 * which all of {@link MixedWebhook} lead: everything that a fault may happen to. Used by one
 * thread.
 */
final class Scene implements AutoCloseable {
  private static final String ORDERED = MixedWebhook.ORDERED.path();
  private static final String CLAIMED = "WHERE id IN (SELECT unnest(changes) FROM webhooks.claim)";
  private static final int BATCHES = 4;
  private static final int BATCH_SIZE = 100;
  private static final int PENDING = 64;
  private static final int UNRECORDED = 500; // outcomes that are written together
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final Map<String, String> SETTINGS =
      Map.of(
          "JAVA_OPTS", "-XX:TieredStopAtLevel=1", // lives too short for the better compiler
          "WEBHOOKS_NODE_HEARTBEAT", "300ms",
          "WEBHOOKS_POLL_BATCHES", Integer.toString(BATCHES),
          "WEBHOOKS_POLL_BATCH_SIZE", Integer.toString(BATCH_SIZE),
          "WEBHOOKS_POLL_LEASE", "6s",
          "WEBHOOKS_REDELIVERY_CONCURRENCY", Integer.toString(PENDING),
          "WEBHOOKS_DELIVERY_TIMEOUT", "2s",
          "WEBHOOKS_DELIVERY_LEASE", "4s",
          "WEBHOOKS_DELIVERY_RETRY_SCHEDULE", String.join(",", Collections.nCopies(60, "500ms")));

  private static final Map<String, String> ON_KAFKA =
      Map.of(
          "WEBHOOKS_ENGINE", "kafka",
          "WEBHOOKS_KAFKA_PARTITIONS", "12",
          "WEBHOOKS_KAFKA_CLIENT_SESSION_TIMEOUT_MS", "5000",
          "WEBHOOKS_KAFKA_CLIENT_HEARTBEAT_INTERVAL_MS", "500");

  final Postgres postgres;
  final TcpProxy wire;
  final Nodes nodes;
  final RudeServer receiver;
  final KafkaBroker broker;
  final Disk disk;
  private final Ledger ledger;
  private final Crm crm;
  private final DataSource dataSource;
  private final Books books;
  private final Outcomes outcomes;
  private final Random random;
  private long inFlight;

  /**
   * @param broker null: the engine is PostgreSQL
   * @param rate changes a second that are written while a fault strikes
   */
  Scene(Postgres postgres, KafkaBroker broker, int processes, int rate, long seed, Path logs)
      throws Exception {
    this.postgres = postgres;
    this.broker = broker;
    random = new Random(seed);
    String database = postgres.createDatabase();
    dataSource = postgres.dataSource(database);
    ledger = new Ledger(seed);
    receiver = RudeServer.start(ledger, seed);
    addWebhooks(Postgres.url(postgres.port(), database));
    disk = new Disk(dataSource);
    wire = TcpProxy.to(postgres.port());
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.putAll(MixedWebhook.settings(receiver::url));
    settings.put("WEBHOOKS_DATABASE_URL", Postgres.url(wire.port(), database));
    if (broker == null) {
      books = new Books(dataSource);
      outcomes = null;
    } else {
      settings.putAll(ON_KAFKA);
      settings.put("WEBHOOKS_KAFKA_BROKERS", broker.brokers());
      settings.put("WEBHOOKS_KAFKA_PREFIX", database);
      books = new Books(dataSource, KafkaEngine.delivered(load(settings, Map.of())));
      outcomes = new Outcomes(broker.brokers(), database + ".outcomes");
    }
    nodes = new Nodes(processes, settings, logs);
    nodes.startAll();
    crm = new Crm(dataSource, rate, seed);
  }

  private static Settings load(Map<String, String> environment, Map<String, String> overrides) {
    return Settings.load(Path.of("no such file"), environment, overrides);
  }

  private void addWebhooks(String url) throws SQLException {
    Settings settings =
        load(Map.of(), Map.of("webhooks.database.url", url, "webhooks.egress.allow", "127.0.0.1"));
    try (Database migrated = Database.open(settings)) {
      MixedWebhook.addAll(migrated.dataSource(), receiver::url);
    }
  }

  /** Has a fault strike while everybody is at work, waits until all is done, and judges. */
  Verdict endure(Fault fault, Duration length) throws Exception {
    nodes.awaitStarted();
    int owedBefore = owed().size();
    int repeatsBefore = ledger.repeats();
    long timeoutsBefore = timeouts();
    inFlight = 0;
    crm.goToWork();
    awaitDeliveries();
    int strikes = fault.strike(this, length, random);
    crm.goHome();
    long start = System.nanoTime();
    List<String> problems = new ArrayList<>(settle());
    long recovery = (System.nanoTime() - start) / 1_000_000;

    int repeats = ledger.repeats() - repeatsBefore;
    // what the receiver accepts after the sender has given up is sent again, fault or not
    long bound = inFlight + timeouts() - timeoutsBefore;
    if (repeats > bound) {
      problems.add(repeats + " deliveries repeated, of " + bound + " that were in flight");
    }
    Set<Ledger.Entry> owed = owed();
    problems.addAll(disagreements(owed));
    owed.removeAll(ledger.accepted());
    int deliveries = owed().size() - owedBefore;
    return new Verdict(
        fault, strikes, deliveries, owed.size(), repeats, inFlight, recovery, problems);
  }

  /** Waits until something more is delivered. */
  void awaitDeliveries() {
    int before = ledger.reached();
    await().atMost(PATIENCE).until(() -> ledger.reached() > before);
  }

  /** Waits until everything has been delivered and recorded; says what has not. */
  private List<String> settle() {
    Set<Ledger.Entry> owed = owed();
    try {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                nodes.requireAlive();
                return ledger.reached() >= owed.size() && waiting() == 0;
              });
      return List.of();
    } catch (ConditionTimeoutException e) {
      List<String> missing = new ArrayList<>();
      missing.add(
          "after %s %d of %d deliveries have been accepted, %d changes or deliveries wait"
              .formatted(PATIENCE, ledger.reached(), owed.size(), waiting()));
      owed.removeAll(ledger.accepted());
      owed.stream()
          .limit(10)
          .map(entry -> entry.path() + ", " + books.whereIs(entry.number()))
          .forEach(missing::add);
      return missing;
    }
  }

  private long waiting() {
    return books.count("webhooks.undispatched")
        + books.count("webhooks.delivery WHERE state = 'pending'");
  }

  private List<String> disagreements(Set<Ledger.Entry> owed) throws SQLException {
    Sql sql = new Sql(dataSource);
    List<String> problems = new ArrayList<>(new Reconciliation(sql).disagreements(20));
    problems.addAll(unrecorded(sql, owed.size()));
    Set<Ledger.Entry> came = ledger.entries();
    came.removeAll(owed);
    if (!came.isEmpty()) {
      problems.add(came.size() + " came that were not owed: " + came.iterator().next());
    }
    BitSet forgotten = crm.acknowledged();
    forgotten.andNot(books.numbers(""));
    if (!forgotten.isEmpty()) {
      problems.add("changes were committed and are not in the database: " + forgotten);
    }
    for (Ledger.Entry late : ledger.overtaken(ORDERED)) {
      problems.add("accepted after a newer change of its record: " + books.whereIs(late.number()));
    }
    if (!ledger.differences().isEmpty()) {
      problems.add("repeats differ from the first: " + ledger.differences().get(0));
    }
    if (ledger.ids() != ledger.entries().size()) {
      problems.add(
          ledger.ids() + " webhook-ids came for " + ledger.entries().size() + " deliveries");
    }
    return problems;
  }

  /** That all is delivered, or left out by a filter, must be on record, too. */
  private List<String> unrecorded(Sql sql, int owed) throws SQLException {
    List<String> problems = new ArrayList<>();
    if (broker != null) {
      Set<String> recorded = outcomes.ids();
      sql.rows("SELECT id FROM webhooks.delivery WHERE state = 'delivered'", Map.of())
          .forEach(row -> recorded.add(row.path("id").asText()));
      if (recorded.size() != owed) {
        problems.add(recorded.size() + " outcomes of " + owed + " deliveries are on record");
      }
    }
    long leftOut = (long) books.numbers("").cardinality() * MixedWebhook.values().length - owed;
    Map<String, Long> fates = Map.of("delivered", (long) owed, "filtered", leftOut);
    if (!books.reconciled().equals(fates)) {
      problems.add("reconcile finds " + books.reconciled() + " instead of " + fates);
    }
    return problems;
  }

  /** Deliveries that follow from the changes that stand in the database, from the beginning. */
  private Set<Ledger.Entry> owed() {
    return MixedWebhook.owed(books.numbers("").stream());
  }

  private long timeouts() {
    long moved = outcomes == null ? 0 : outcomes.timeouts();
    return moved + books.count("webhooks.attempt WHERE error LIKE 'timeout%'");
  }

  /**
   * Adds what is claimed or leased at this moment to what may be repeated. On Kafka most of the
   * claimed changes only wait in the topic: each of the processes that the fault strikes has a
   * batch in each consumer, and as much again that it forwards.
   */
  void noteInFlight(int processes) {
    int claimed = MixedWebhook.owed(books.numbers(CLAIMED).stream()).size();
    if (broker != null) {
      claimed = Math.min(claimed, MixedWebhook.owed(2 * processes * BATCHES * BATCH_SIZE));
    }
    inFlight +=
        claimed
            + books.count(
                "webhooks.delivery WHERE state = 'pending' AND due_at > now() AND due_at < 'infinity'");
  }

  /** Adds what the settings allow to be in flight, where it cannot be looked at. */
  void allowAllThatFits() {
    int ofBatches = MixedWebhook.owed(2 * BATCHES * BATCH_SIZE);
    inFlight += (long) nodes.count() * (ofBatches + PENDING + UNRECORDED);
  }

  @Override
  public void close() {
    crm.close();
    nodes.close();
    if (outcomes != null) {
      outcomes.close();
    }
    receiver.close();
    wire.close();
  }
}
