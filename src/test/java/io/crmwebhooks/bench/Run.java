package io.crmwebhooks.bench;

import io.crmwebhooks.packaged.PackagedProgram;
import java.net.ConnectException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.apache.kafka.common.metrics.JmxReporter;

/**
 * One run of one scenario: a database of its own, and the packaged program, in as many processes as
 * are started.
 */
final class Run implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration NO_PROGRESS = Duration.ofSeconds(20);

  private final Stage stage;
  private final double loopRate;
  private final List<Measure> measures = new ArrayList<>();
  final BenchDatabase database;
  private final List<PackagedProgram> programs = new ArrayList<>();
  private Instant startedAt;

  Run(Stage stage, double loopRate) throws SQLException {
    this.stage = stage;
    this.loopRate = loopRate;
    this.database = stage.server.createDatabase();
  }

  List<Measure> measures() {
    return measures;
  }

  void add(Measure measure) {
    measures.add(measure);
  }

  /** A number of changes, smaller when the benchmark is to be quick. */
  int size(int full) {
    return stage.size(full);
  }

  String url(String path) {
    return stage.sink.url(path);
  }

  /** Has the receiver stand still for a while when so many deliveries have come. */
  void standStill(int after, int millis) throws InterruptedException {
    while (stage.sink.distinct() < after) {
      requireAlive();
      Thread.sleep(10);
    }
    stage.sink.standStill(millis);
  }

  /** When changes came, see {@link Sink#arrivals}. */
  long[] arrivals(int changes) {
    return stage.sink.arrivals(changes);
  }

  /**
   * Starts the program and has it deliver elsewhere what the plain loop has posted, too, so that
   * both are warm.
   */
  void startWarm() throws Exception {
    startWarm(Map.of());
  }

  /** As {@link #startWarm()}, as it is shipped but for these settings. */
  void startWarm(Map<String, String> settings) throws Exception {
    start(settings);
    int changes = size(200_000);
    warmUp(changes, () -> database.changesElsewhere(changes, url("/elsewhere")));
    database.execute("UPDATE webhooks.subscription SET deleted_at = now() WHERE workspace <> ''");
  }

  private void requireAlive() {
    programs.forEach(PackagedProgram::requireAlive);
  }

  /** The settings with which the program takes its batches from Kafka. */
  Map<String, String> onKafka() {
    return Map.of(
        "WEBHOOKS_ENGINE", "kafka",
        "WEBHOOKS_KAFKA_BROKERS", stage.broker().brokers(),
        "WEBHOOKS_KAFKA_PREFIX", database.name(),
        "WEBHOOKS_KAFKA_CLIENT_METRIC_REPORTERS", JmxReporter.class.getName()); // for ConsumerIdle
  }

  /** Returns when so many processes of the program take part. */
  void awaitNodes(int count) throws SQLException, InterruptedException {
    while (database.count("webhooks.node") < count) {
      requireAlive();
      Thread.sleep(50);
    }
  }

  /** How many bytes a change and its delivery take, in tables with their indexes and in topics. */
  Map<String, Double> bytesOfEach(int changes) throws SQLException {
    Map<String, Double> all = new LinkedHashMap<>();
    for (String table : List.of("change", "delivery")) {
      all.put(table + " bytes", (double) database.bytes("webhooks." + table) / changes);
    }
    for (String topic : List.of("changes", "outcomes")) {
      String name = database.name() + "." + topic;
      all.put("topic " + topic + " bytes", (double) stage.topicBytes(name) / changes);
    }
    return all;
  }

  /** CPU seconds so far of each process of the program. */
  double[] programCpuSeconds() {
    return programs.stream().mapToDouble(each -> ProcFs.cpuSeconds(each.pid())).toArray();
  }

  /** How long the consumers of all processes have waited for Kafka. */
  ConsumerIdle.Sum consumersIdle() throws Exception {
    ConsumerIdle.Sum all = new ConsumerIdle.Sum(0, 0);
    for (PackagedProgram program : programs) {
      all = all.and(ConsumerIdle.of(program.pid()));
    }
    return all;
  }

  /** CPU seconds so far of the broker, if there is one. */
  double brokerCpuSeconds() {
    return stage.brokerCpuSeconds();
  }

  /** Starts the program as it is shipped, but for these settings; once more, if it runs already. */
  void start(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("WEBHOOKS_DATABASE_URL", database.url());
    startedAt = Instant.now();
    programs.add(PackagedProgram.run(all, stage.log()));
  }

  /** Work that makes the program send. */
  interface Work {
    void run() throws Exception;
  }

  /** Returns when the program answers. */
  void awaitAnswer(Work request) throws Exception {
    long end = System.nanoTime() + START.toNanos();
    while (true) {
      try {
        request.run();
        return;
      } catch (ConnectException e) {
        requireAlive();
        if (System.nanoTime() > end) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  /** Has deliveries made without measuring, so that the next ones meet a warm machine. */
  void warmUp(int deliveries, Work work) throws Exception {
    stage.sink.reset();
    work.run();
    awaitDelivered(deliveries);
  }

  /** As {@link #warmUp}, measured from just before the work to the last record. */
  Measure measure(String scenario, int deliveries, Work work) throws Exception {
    stage.sink.reset();
    stage.statements.begin(database);
    double sender = DoubleStream.of(programCpuSeconds()).sum();
    double postgres = stage.server.cpuSeconds();
    work.run();
    awaitDelivered(deliveries);
    sender = DoubleStream.of(programCpuSeconds()).sum() - sender;
    postgres = stage.server.cpuSeconds() - postgres;
    stage.statements.print(database);
    Sink.Report report = stage.sink.report();
    double perTenThousand = 10_000.0 / Math.max(1, report.distinct());
    return new Measure(
        scenario,
        report.rate(),
        loopRate,
        report.rate() / loopRate,
        sender * perTenThousand,
        postgres * perTenThousand,
        programs.stream().mapToDouble(each -> ProcFs.peakMemory(each.pid())).max().orElseThrow(),
        null,
        null,
        null,
        null,
        (double) (deliveries - report.distinct()),
        (double) (report.requests() - report.distinct()),
        (double) report.forged(),
        Map.of());
  }

  /** How long the first of the deliveries just measured came after the start of the program. */
  Measure startUp(String scenario) {
    Instant first = Instant.EPOCH.plus(stage.sink.report().firstMicros(), ChronoUnit.MICROS);
    return Measure.rate(scenario, null)
        .withLatencies(new double[] {Duration.between(startedAt, first).toMillis()});
  }

  /** Returns when all is delivered and recorded, or when nothing more comes. */
  private void awaitDelivered(int deliveries) throws Exception {
    int delivered = 0;
    long since = System.nanoTime();
    while (delivered < deliveries || !database.isQueueEmpty()) {
      requireAlive();
      Thread.sleep(10);
      int now = stage.sink.distinct();
      if (now > delivered) {
        delivered = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > NO_PROGRESS.toNanos()) {
        return;
      }
    }
  }

  @Override
  public void close() throws SQLException {
    programs.forEach(PackagedProgram::close);
    database.close();
    stage.server.dropDatabase();
  }
}
