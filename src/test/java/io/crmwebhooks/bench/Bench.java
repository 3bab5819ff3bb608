package io.crmwebhooks.bench;

import io.crmwebhooks.database.StatementPlans;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The benchmark; docs/performance.md explains it. Everything runs on this machine, and ends with
 * it.
 */
@Command(
    name = "bench",
    description = "Measures the packaged program against a plain HttpClient loop.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Bench implements Callable<Integer> {
  private static final Path RESULT = Path.of("target", "bench.json");

  @Spec private CommandSpec spec;

  @Option(
      names = {"-r", "--runs"},
      defaultValue = "3",
      description = "Runs of each scenario; the table shows medians.")
  private int runs;

  @Option(
      names = {"-q", "--quick"},
      description = "A tenth of all numbers; shows that it works, not how fast it is.")
  private boolean quick;

  @Option(
      names = {"-s", "--statements"},
      description =
          "Prints which SQL statements took PostgreSQL's time; noting it takes some, too.")
  private boolean statements;

  @Option(
      names = {"-p", "--plans"},
      description =
          "Measures nothing, but prints the plans of the pipeline's statements beside ten million"
              + " deliveries.")
  private boolean plans;

  @Parameters(
      paramLabel = "SCENARIO",
      description =
          "drain, fan-out, steady-200, steady-2000, steady-5000, steady-purge, many-webhooks,"
              + " beside-dead, beside-silent, standstill, ordered, filters, bodies, isolation, isolation-unpaused,"
              + " capture, slow-receiver, batches, pages, scale-1, scale-2, scale-4, scale-kafka-1,"
              + " scale-kafka-2, scale-kafka-4. Default: all.")
  private List<String> chosen = List.of();

  public static void main(String[] args) {
    int code = new CommandLine(new Bench()).execute(args);
    if (code != 0) {
      throw new IllegalStateException("the benchmark has failed");
    }
  }

  @Override
  public Integer call() throws Exception {
    if (plans) {
      return showPlans();
    }
    Map<String, Scenario> scenarios = new LinkedHashMap<>(Scenarios.all());
    if (!scenarios.keySet().containsAll(chosen)) {
      throw new ParameterException(
          spec.commandLine(), "the scenarios are " + String.join(", ", scenarios.keySet()));
    }
    if (!chosen.isEmpty()) {
      scenarios.keySet().retainAll(chosen);
    }
    Thread children = new Thread(Bench::killChildren);
    Runtime.getRuntime().addShutdownHook(children); // when it is interrupted
    Report report = new Report();
    try (Stage stage = new Stage(quick ? 10 : 1, new Statements(statements))) {
      Map<String, Object> circumstances = circumstances(stage);
      System.out.println(circumstances);
      for (int run = 1; run <= runs; run++) {
        for (Map.Entry<String, Scenario> scenario : scenarios.entrySet()) {
          measure(stage, scenario.getValue()).forEach(measure -> note(report, measure));
        }
      }
      report.write(RESULT, circumstances);
    }
    Runtime.getRuntime().removeShutdownHook(children);
    System.out.println();
    System.out.println("Medians of " + runs + " runs; CPU seconds are for 10,000 deliveries.");
    System.out.println(report.table());
    System.out.println("All of it is in " + RESULT);
    return 0;
  }

  private int showPlans() throws Exception {
    Path folder = Files.createDirectories(Path.of("target", "bench"));
    try (Server server = Server.start(folder, new Statements(false));
        BenchDatabase database = server.createDatabase();
        Connection connection = database.connect()) {
      StatementPlans.show(connection, quick ? 1_000_000 : 10_000_000, System.out);
    }
    return 0;
  }

  private static List<Measure> measure(Stage stage, Scenario scenario) throws Exception {
    List<Measure> measures = new ArrayList<>();
    Measure loop = stage.plainLoop();
    measures.add(loop);
    try (Run run = new Run(stage, loop.rate())) {
      scenario.run(run);
      measures.addAll(run.measures());
    }
    return measures;
  }

  private static void note(Report report, Measure measure) {
    report.add(measure);
    System.out.println(
        "%-42s".formatted(measure.scenario())
            + (measure.rate() == null ? "" : " %,10.0f/s".formatted(measure.rate()))
            + (measure.p50() == null
                ? ""
                : " %,.1f ms, p95 %,.1f, p99 %,.1f, at most %,.1f"
                    .formatted(measure.p50(), measure.p95(), measure.p99(), measure.longest()))
            + (measure.postgresCpu() == null
                ? ""
                : ", CPU s of the sender %.2f, of PostgreSQL %.2f"
                    .formatted(measure.senderCpu(), measure.postgresCpu()))
            + Report.further(measure));
  }

  private Map<String, Object> circumstances(Stage stage) throws Exception {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("runs", runs);
    all.put("quick", quick);
    all.put("processors", Runtime.getRuntime().availableProcessors());
    all.put("java", Runtime.version().toString());
    all.put("bodyBytes", stage.bodyBytes());
    all.put("postgresql", stage.server.settings());
    return all;
  }

  private static void killChildren() {
    ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
  }
}
