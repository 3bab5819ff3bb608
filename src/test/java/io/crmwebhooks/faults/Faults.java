package io.crmwebhooks.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
      description = "Changes a second; each is owed to three webhooks.")
  private int rate;

  @Option(
      names = {"-p", "--processes"},
      defaultValue = "3",
      description = "How many share the database.")
  private int processes;

  @Option(
      names = {"-f", "--fault"},
      description = "Only these: ${COMPLETION-CANDIDATES}.")
  private List<Fault> chosen = Arrays.asList(Fault.values());

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
    try (Postgres postgres = Postgres.start(FOLDER)) {
      for (int round = 1; round == 1 || System.nanoTime() - end < 0; round++) {
        round(postgres, random, round, end);
      }
    }
    Runtime.getRuntime().removeShutdownHook(children);
    System.out.println();
    System.out.print(Verdict.HEADING);
    verdicts.values().forEach(verdict -> System.out.println(verdict.row()));
    return verdicts.values().stream().allMatch(verdict -> verdict.problems().isEmpty()) ? 0 : 1;
  }

  /** Every fault once, in another order each time, on a database of the round's own. */
  private void round(Postgres postgres, Random random, int round, long end) throws Exception {
    List<Fault> faults = new ArrayList<>(chosen);
    Collections.shuffle(faults, random);
    Path log = FOLDER.resolve("round-" + round + ".log");
    Files.deleteIfExists(log);
    try (Scene scene = new Scene(postgres, processes, rate, random.nextLong(), log)) {
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

  private static void killChildren() {
    ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
  }
}
