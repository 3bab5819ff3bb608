package io.crmwebhooks.faults;

import io.crmwebhooks.KafkaBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The long run of the faults; docs/reliability.md explains it. */
@Command(
    name = "faults",
    description = "Does to the packaged program all that it must survive, again and again.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class Faults implements Callable<Integer> {
  private static final Path FOLDER = Path.of("target", "faults");

  /** The engine that moves the changes. */
  private enum Engine {
    POSTGRESQL,
    KAFKA
  }

  @Option(
      names = {"-e", "--engine"},
      defaultValue = "postgresql",
      description = "${COMPLETION-CANDIDATES}; with Kafka there is a broker of the run's own.")
  private Engine engine;

  @Option(
      names = {"-m", "--minutes"},
      defaultValue = "20",
      description = "How long; every fault strikes once at least.")
  private int minutes;

  @Option(
      names = {"-l", "--length"},
      defaultValue = "30",
      description = "How long a fault lasts, in seconds.")
  private int length;

  @Option(
      names = {"-r", "--rate"},
      defaultValue = "200",
      description = "Changes a second; each is owed to about three webhooks.")
  private int rate;

  @Option(
      names = {"-p", "--processes"},
      defaultValue = "3",
      description = "How many share the database.")
  private int processes;

  @Option(
      names = {"-f", "--fault"},
      description = "Only these, else all of the engine: ${COMPLETION-CANDIDATES}.")
  private List<Fault> chosen = List.of();

  @Option(names = "--seed", description = "Repeats the choices of a run, though not its course.")
  private long seed = System.nanoTime();

  private final Map<Fault, Verdict> verdicts = new EnumMap<>(Fault.class);

  public static void main(String[] args) {
    int code =
        new CommandLine(new Faults()).setCaseInsensitiveEnumValuesAllowed(true).execute(args);
    if (code != 0) {
      throw new IllegalStateException("not everything was survived");
    }
  }

  @Override
  public Integer call() throws Exception {
    Thread children = new Thread(Faults::killChildren);
    Runtime.getRuntime().addShutdownHook(children); // when it is interrupted
    System.out.println("--seed " + seed + ", logs in " + FOLDER);
    Random random = new Random(seed);
    long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
    Files.createDirectories(FOLDER);
    try (Postgres postgres = Postgres.start(FOLDER);
        KafkaBroker broker = engine == Engine.KAFKA ? KafkaBroker.start() : null) {
      for (int round = 1; round == 1 || System.nanoTime() - end < 0; round++) {
        round(postgres, broker, random, round, end);
      }
    }
    Runtime.getRuntime().removeShutdownHook(children);
    System.out.println();
    System.out.print(Verdict.HEADING);
    verdicts.values().forEach(verdict -> System.out.println(verdict.row()));
    return verdicts.values().stream().allMatch(verdict -> verdict.problems().isEmpty()) ? 0 : 1;
  }

  /** Every fault once, in another order each time, on a database of the round's own. */
  private void round(Postgres postgres, KafkaBroker broker, Random random, int round, long end)
      throws Exception {
    List<Fault> faults = new ArrayList<>(chosen.isEmpty() ? ofEngine() : chosen);
    Collections.shuffle(faults, random);
    Path logs = FOLDER.resolve("round-" + round);
    try (Scene scene = new Scene(postgres, broker, processes, rate, random.nextLong(), logs)) {
      for (Fault fault : faults) {
        if (round == 1 || System.nanoTime() - end < 0) {
          Verdict verdict = scene.endure(fault, Duration.ofSeconds(length));
          System.out.println(verdict.row());
          verdict.problems().forEach(problem -> System.out.println("  " + problem));
          verdicts.merge(fault, verdict, Verdict::and);
        }
      }
    }
  }

  private Set<Fault> ofEngine() {
    return engine == Engine.KAFKA ? EnumSet.allOf(Fault.class) : Fault.ON_POSTGRESQL;
  }

  private static void killChildren() {
    ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
  }
}
