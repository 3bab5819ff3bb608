package io.crmwebhooks.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The short run of the faults, on three processes of the packaged program. That all are killed
 * again and again is for CrashTest.
 */
@Tag("packaged")
class FaultsTest {
  private static final Path FOLDER = Path.of("target", "faults-test");
  private static final int PROCESSES = 3;
  private static final int RATE = 200;

  private static final Set<Fault> FAULTS =
      EnumSet.complementOf(
          EnumSet.of(
              Fault.ALL_KILLED,
              Fault.ONE_STOPPED, // at the end of CrashTest
              Fault.BROKER_KILLED,
              Fault.BROKER_AWAY,
              Fault.BROKER_AND_ONE_KILLED,
              Fault.BROKER_FROZEN));

  private static Postgres postgres;
  private static Scene scene;

  @BeforeAll
  static void start() throws Exception {
    long seed = Long.getLong("faults.seed", System.nanoTime());
    System.out.println("FaultsTest: -Dfaults.seed=" + seed + ", logs in " + FOLDER);
    postgres = Postgres.start(FOLDER);
    scene = new Scene(postgres, null, PROCESSES, RATE, seed, FOLDER);
  }

  @AfterAll
  static void close() {
    if (scene != null) {
      scene.close();
    }
    if (postgres != null) {
      postgres.close();
    }
  }

  @ParameterizedTest
  @FieldSource("FAULTS")
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void nothing_is_lost_and_the_tables_agree_when(Fault fault) throws Exception {
    Verdict verdict = scene.endure(fault, Duration.ofSeconds(2));
    System.out.println("FaultsTest: " + verdict.row());
    assertThat(verdict.strikes()).isPositive();
    assertThat(verdict.problems()).isEmpty();
    assertThat(verdict.lost()).isZero();
  }
}
