package io.crmwebhooks.bench;

import io.crmwebhooks.KafkaBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/**
 * The parts that live for the whole benchmark: PostgreSQL, the receiver, the plain loop, and the
 * broker when a scenario wants one.
 */
final class Stage implements AutoCloseable {
  private static final int WARM_UP_POSTS = 300_000;

  final Path folder = Path.of("target", "bench");
  final Server server;
  final Sink sink;
  final PlainLoop loop;
  final Statements statements;
  private final int divisor;
  private KafkaBroker broker;

  /**
   * @param divisor makes all numbers of changes smaller
   */
  Stage(int divisor, Statements statements) throws IOException, SQLException {
    this.divisor = divisor;
    this.statements = statements;
    Files.createDirectories(folder);
    Files.deleteIfExists(log());
    server = Server.start(folder, statements);
    sink = Sink.start();
    loop = PlainLoop.start();
    loop.post(WARM_UP_POSTS / divisor, sink.url("/loop"));
  }

  /** A broker for the rest of the benchmark. */
  KafkaBroker broker() {
    if (broker == null) {
      broker = KafkaBroker.startForLoad();
    }
    return broker;
  }

  /** CPU seconds of the broker so far, if there is one. */
  double brokerCpuSeconds() {
    return broker == null ? 0 : ProcFs.cpuSeconds(broker.pid());
  }

  /** The bytes of a topic on the broker's disk; 0 where there is none. */
  long topicBytes(String topic) {
    if (broker == null) {
      return 0;
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.brokers()))) {
      return admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).values().stream()
          .flatMap(folder -> folder.replicaInfos().entrySet().stream())
          .filter(replica -> replica.getKey().topic().equals(topic))
          .mapToLong(replica -> replica.getValue().size())
          .sum();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  int size(int full) {
    return Math.max(1, full / divisor);
  }

  Path log() {
    return folder.resolve("crm-webhooks.log");
  }

  /** The mean size of the bodies that the receiver has got since it was reset. */
  long bodyBytes() {
    Sink.Report report = sink.report();
    return report.bytes() / Math.max(1, report.requests());
  }

  /** One run of the plain loop. */
  Measure plainLoop() {
    int posts = size(60_000);
    sink.reset();
    double senderBefore = loop.cpuSeconds();
    loop.post(posts, sink.url("/loop"));
    double sender = (loop.cpuSeconds() - senderBefore) / posts * 10_000;
    Sink.Report report = sink.report();
    return new Measure(
        "plain HttpClient loop",
        report.rate(),
        report.rate(),
        1.0,
        sender,
        null,
        null,
        null,
        null,
        null,
        null,
        (double) (posts - report.distinct()),
        (double) (report.requests() - report.distinct()),
        (double) report.forged(),
        Map.of());
  }

  @Override
  public void close() {
    loop.close();
    sink.close();
    if (broker != null) {
      broker.close();
    }
    server.close();
  }
}
