package io.crmwebhooks.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/** The parts that live for the whole benchmark: PostgreSQL, the receiver and the plain loop. */
final class Stage implements AutoCloseable {
  private static final int WARM_UP_POSTS = 300_000;

  final Path folder = Path.of("target", "bench");
  final Server server;
  final Sink sink;
  final PlainLoop loop;
  final Statements statements;
  private final int divisor;

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
        (double) report.forged());
  }

  @Override
  public void close() {
    loop.close();
    sink.close();
    server.close();
  }
}
