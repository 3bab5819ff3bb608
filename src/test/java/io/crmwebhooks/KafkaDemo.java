package io.crmwebhooks;

import io.crmwebhooks.cli.Commands;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.util.FileUtil;

/**
 * The demo on the engine Kafka, with a broker of the tests: {@code mvn test-compile
 * exec:java@kafka}. Topics and database begin anew with each start, since they belong together.
 */
public final class KafkaDemo {
  private static final Path DATA = Path.of("target", "kafka-demo");

  private KafkaDemo() {}

  /** Takes the options of the demo, and ends with its exit code. */
  public static void main(String[] options) {
    System.out.println("Starting a Kafka broker ...");
    FileUtil.removeDir(DATA.toFile());
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("WEBHOOKS_ENGINE", "kafka");
    environment.put("WEBHOOKS_KAFKA_BROKERS", KafkaBroker.shared().brokers());
    environment.put("WEBHOOKS_DATABASE_URL", "");
    environment.put("WEBHOOKS_DATABASE_DATA", DATA.toString());
    List<String> command = new ArrayList<>(List.of("demo"));
    command.addAll(List.of(options));
    System.exit(Commands.run(command.toArray(String[]::new), environment));
  }
}
