package io.crmwebhooks.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** (l) Several processes that share a backlog, on either engine, and what they wait for. */
final class Scale {
  private static final int CHANGES = 100_000;
  private static final int SETTLE_MILLIS = 3000;

  private final Run run;
  private final int processes;

  Scale(Run run, int processes) {
    this.run = run;
    this.processes = processes;
  }

  void measure() throws Exception {
    measure("PostgreSQL", Map.of());
  }

  void measureOnKafka() throws Exception {
    measure("Kafka", run.onKafka());
  }

  private void measure(String engine, Map<String, String> settings) throws Exception {
    run.database.webhook(run.url("/scale"), "*.*");
    for (int i = 0; i < processes; i++) {
      run.start(settings);
    }
    run.awaitNodes(processes);
    Thread.sleep(SETTLE_MILLIS); // the consumers share their partitions
    int warm = run.size(CHANGES * (processes + 1));
    run.warmUp(warm, () -> run.database.changes(warm));
    Thread.sleep(SETTLE_MILLIS);
    int changes = run.size(CHANGES);
    try (BenchDatabase.Prepared prepared = run.database.prepare(changes, "'person.created'");
        Waits waits = Waits.of(run.database)) {
      double[] before = run.programCpuSeconds();
      double broker = run.brokerCpuSeconds();
      ConsumerIdle.Sum idle = run.consumersIdle();
      Measure measure =
          run.measure(
              "(l) %s, %d process%s".formatted(engine, processes, processes == 1 ? "" : "es"),
              changes,
              () -> {
                waits.begin();
                prepared.commit();
              });
      Map<String, Double> further = new LinkedHashMap<>();
      further.put("broker CPU s", (run.brokerCpuSeconds() - broker) * 10_000 / changes);
      further.put("least by most busy process", balance(before, run.programCpuSeconds()));
      further.putAll(waits.end());
      ConsumerIdle.Sum idleNow = run.consumersIdle();
      if (idleNow.consumers() > 0) {
        further.put("consumers wait for Kafka", idleNow.shareSince(idle, changes / measure.rate()));
      }
      further.putAll(run.bytesOfEach(warm + changes));
      run.add(measure.with(further));
    }
  }

  private static double balance(double[] before, double[] after) {
    double[] used =
        IntStream.range(0, after.length).mapToDouble(i -> after[i] - before[i]).toArray();
    return Arrays.stream(used).min().orElseThrow() / Arrays.stream(used).max().orElseThrow();
  }
}
