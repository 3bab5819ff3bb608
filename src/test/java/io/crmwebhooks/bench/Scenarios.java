package io.crmwebhooks.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/** The scenarios that drain a backlog, by the names used on the command line. */
final class Scenarios {
  private static final String PERSON = "'person.created'";

  private Scenarios() {}

  static Map<String, Scenario> all() {
    Map<String, Scenario> all = new LinkedHashMap<>();
    all.put("drain", Scenarios::drain);
    all.put("fan-out", Scenarios::fanOut);
    all.put("steady-200", run -> new Steady(run, 200, 1).measure());
    all.put("steady-2000", run -> new Steady(run, 2000, 8).measure());
    all.put("steady-5000", run -> new Steady(run, 5000, 16).measure());
    all.put("steady-purge", run -> new Steady(run, 200, 1).measureWhilePurging());
    all.put("many-webhooks", Scenarios::manyWebhooks);
    all.put("beside-dead", Scenarios::besideDead);
    all.put("beside-silent", Scenarios::besideSilent);
    all.put("standstill", Scenarios::standstill);
    all.put("ordered", Scenarios::ordered);
    all.put("filters", Scenarios::filters);
    all.put("bodies", Scenarios::bodies);
    all.put("isolation", run -> new Isolation(run, "", "none", Map.of()).measure());
    all.put(
        "isolation-ordered", run -> new Isolation(run, ", in order", "record", Map.of()).measure());
    all.put(
        "isolation-unpaused",
        run ->
            new Isolation(run, ", never paused", "none", Map.of("WEBHOOKS_ENDPOINT_FAILURES", "0"))
                .measure());
    all.put("capture", CaptureCost::measure);
    all.put("slow-receiver", Scenarios::slowReceiver);
    all.put("batches", Scenarios::batches);
    all.put("pages", run -> new Pages(run).measure());
    for (int processes : new int[] {1, 2, 4}) {
      all.put("scale-" + processes, run -> new Scale(run, processes).measure());
      all.put("scale-kafka-" + processes, run -> new Scale(run, processes).measureOnKafka());
    }
    return all;
  }

  /**
   * (a) One webhook, 100,000 changes: first to a program that has just started, then to a warm one.
   */
  private static void drain(Run run) throws Exception {
    int changes = run.size(100_000);
    run.database.webhook(run.url("/drain"), "*.*");
    run.database.changes(changes);
    run.add(run.measure("(a) drain, cold start", changes, () -> run.start(Map.of())));
    run.add(run.startUp("(a) from the start to the first delivery"));
    run.warmUp(2 * changes, () -> run.database.changes(2 * changes));
    drain(run, "(a) drain, warm", changes, 1, PERSON);
    run.database.execute("VACUUM (ANALYZE) webhooks.change_queue");
    run.database.execute("REINDEX TABLE webhooks.change_queue");
    Thread.sleep(3000);
    drain(run, "(a) drain, after idling", changes, 1, PERSON);
  }

  /** (b) Ten webhooks that all want everything. */
  private static void fanOut(Run run) throws Exception {
    int changes = run.size(10_000);
    for (int i = 0; i < 10; i++) {
      run.database.webhook(run.url("/fan-out/" + i), "*.*");
    }
    run.startWarm();
    run.warmUp(changes * 10, () -> run.database.changes(changes));
    drain(run, "(b) 10,000 changes x 10 webhooks", changes, 10, PERSON);
  }

  /** (d) A thousand webhooks, of which each change matches three. */
  private static void manyWebhooks(Run run) throws Exception {
    int changes = run.size(33_333);
    for (int i = 0; i < 1000; i++) {
      run.database.webhook(run.url("/many/" + i), "object%d.*".formatted(i / 3));
    }
    String event = "'object' || n % 333 || '.created'";
    run.startWarm();
    warmUp(run, changes, 3, event);
    drain(run, "(d) 1,000 webhooks, 3 match", changes, 3, event);
  }

  /** (e) A million deliveries pending for an endpoint that refuses connections. */
  private static void besideDead(Run run) throws Exception {
    int changes = run.size(100_000);
    run.database.webhook(run.url("/beside-dead"), "*.*");
    Backlog.ofADeadEndpoint(run.database, run.size(1_000_000));
    run.startWarm();
    warmUp(run, changes, 1, PERSON);
    drain(run, "(e) beside 1,000,000 pending, dead", changes, 1, PERSON);
  }

  /** (e) Every tenth change is also owed to an endpoint that takes requests and never answers. */
  private static void besideSilent(Run run) throws Exception {
    int changes = run.size(100_000);
    run.database.webhook(run.url("/beside-silent"), "*.*");
    run.startWarm();
    warmUp(run, changes, 1, PERSON);
    run.database.webhook(run.url("/never"), "task.*");
    String event = "CASE n % 10 WHEN 0 THEN 'task.created' ELSE 'person.created' END";
    drain(run, "(e) beside 10,000 to a silent one", changes, 1, event);
  }

  /**
   * (k) As warm, twice: without disturbance, and with a receiver that answers nobody for a second
   * when half of it is delivered.
   */
  private static void standstill(Run run) throws Exception {
    int changes = run.size(200_000);
    run.database.webhook(run.url("/standstill"), "*.*");
    run.startWarm();
    warmUp(run, changes / 2, 1, PERSON);
    drain(run, "(k) drain of 200,000", changes, 1, PERSON);
    try (BenchDatabase.Prepared prepared = run.database.prepare(changes, PERSON)) {
      run.add(
          run.measure(
              "(k) the receiver stands still for 1 s",
              changes,
              () -> {
                prepared.commit();
                run.standStill(changes / 2, 1000);
              }));
    }
  }

  /**
   * (f) One webhook that wants the ten changes of each of 10,000 records, with and without an
   * order; in order those of ten records; then the former, both beside an endpoint that wants
   * everything and never answers.
   */
  private static void ordered(Run run) throws Exception {
    int changes = run.size(100_000);
    String ofMany = "(n % " + run.size(10_000) + ")::text";
    run.database.webhook(run.url("/ordered"), "*.*");
    run.startWarm();
    warmUp(run, changes, 1, PERSON);
    ofRecords(run, "none", "(f) unordered, 10 of each record", changes, ofMany);
    ofRecords(run, "record", "(f) ordered, 10 of each record", changes, ofMany);
    ofRecords(run, "record", "(f) ordered, 10 records", changes / 5, "(n % 10)::text");
    run.database.webhook(run.url("/never"), "*.*");
    ofRecords(run, "record", "(f) ordered, beside a silent one", changes, ofMany);
    ofRecords(run, "none", "(f) unordered, beside a silent one", changes, ofMany);
  }

  private static void ofRecords(Run run, String ordering, String name, int changes, String record)
      throws Exception {
    run.database.execute("UPDATE webhooks.subscription SET ordering = '%s'".formatted(ordering));
    try (BenchDatabase.Prepared prepared = run.database.prepare(changes, PERSON, record)) {
      run.add(run.measure(name, changes, prepared::commit));
    }
  }

  /**
   * (m) A thousand webhooks, of which ten match each change; first without filters, then with one
   * each.
   */
  private static void filters(Run run) throws Exception {
    int changes = run.size(10_000);
    for (int i = 0; i < 1000; i++) {
      run.database.webhook(run.url("/filters/" + i), "object%d.*".formatted(i / 10));
    }
    String event = "'object' || n % 100 || '.created'";
    run.startWarm();
    warmUp(run, changes, 10, event);
    drain(run, "(m) 1,000 webhooks, 10 match", changes, 10, event);
    run.database.execute(
        "UPDATE webhooks.subscription SET filter = format('.record.position > 0 and .record.city != \"%s\"', id)");
    warmUp(run, changes, 10, event);
    drain(run, "(m) the same, each with a filter", changes, 10, event);
  }

  /** (n) As warm: the documented body, a filter that wants all, a CloudEvent, and a body by jq. */
  private static void bodies(Run run) throws Exception {
    int changes = run.size(100_000);
    run.database.webhook(run.url("/bodies"), "*.*");
    run.startWarm();
    warmUp(run, changes, 1, PERSON);
    drain(run, "(n) one webhook", changes, 1, PERSON);
    String set = "UPDATE webhooks.subscription SET ";
    body(run, "(n) with a filter", changes, set + "filter = '.record.position > 0'");
    body(run, "(n) a CloudEvent", changes, set + "filter = NULL, format = 'cloudevents'");
    body(
        run,
        "(n) a body by jq",
        changes,
        set
            + "format = 'custom', body = '{text: \"\\(.record.name.firstName) in \\(.record.city)\","
            + " mails: [.record.emails.primaryEmail], record: .record}'");
  }

  private static void body(Run run, String name, int changes, String statement) throws Exception {
    run.database.execute(statement);
    warmUp(run, changes / 2, 1, PERSON);
    drain(run, name, changes, 1, PERSON);
  }

  /** (h) A receiver that takes 50 ms an answer, and may be asked 400 times at once. */
  private static void slowReceiver(Run run) throws Exception {
    int changes = run.size(50_000);
    run.database.webhook(run.url("/after50/slow"), "*.*");
    run.database.execute("UPDATE webhooks.subscription SET concurrency = 400");
    run.startWarm();
    warmUp(run, changes, 1, PERSON);
    drain(run, "(h) receiver takes 50 ms", changes, 1, PERSON);
  }

  /** (m) The same receiver, asked 32 times at once, with many events in one POST. */
  private static void batches(Run run) throws Exception {
    int changes = run.size(200_000);
    run.database.webhook(run.url("/after50/batches"), "*.*");
    run.startWarm();
    for (int size : new int[] {500, 100}) {
      run.database.execute("UPDATE webhooks.subscription SET batch_size = " + size);
      warmUp(run, changes, 1, PERSON);
      drain(run, "(m) receiver takes 50 ms, %d in a POST".formatted(size), changes, 1, PERSON);
    }
  }

  static void warmUp(Run run, int changes, int webhooks, String event) throws Exception {
    run.warmUp(
        changes * webhooks,
        () -> {
          try (BenchDatabase.Prepared prepared = run.database.prepare(changes, event)) {
            prepared.commit();
          }
        });
  }

  /** Measures how fast changes that are committed at once are delivered. */
  static void drain(Run run, String name, int changes, int webhooks, String event)
      throws Exception {
    try (BenchDatabase.Prepared prepared = run.database.prepare(changes, event)) {
      run.add(run.measure(name, changes * webhooks, prepared::commit));
    }
  }
}
