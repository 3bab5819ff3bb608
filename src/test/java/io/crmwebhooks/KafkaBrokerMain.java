package io.crmwebhooks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.camel.util.FileUtil;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The process of a {@link KafkaBroker}. It takes its addresses and its place from a file, makes a
 * file when it is ready, stops in order when a line comes in, and ends with who has started it.
 */
final class KafkaBrokerMain {
  /** Small and quick, and one node, which is the controller as well. */
  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("process.roles", "broker,controller"),
          Map.entry("node.id", "1"),
          Map.entry("controller.listener.names", "CONTROLLER"),
          Map.entry("auto.create.topics.enable", "false"),
          Map.entry("offsets.topic.num.partitions", "1"),
          Map.entry("offsets.topic.replication.factor", "1"),
          Map.entry("transaction.state.log.num.partitions", "1"),
          Map.entry("transaction.state.log.replication.factor", "1"),
          Map.entry("transaction.state.log.min.isr", "1"),
          Map.entry("share.coordinator.state.topic.num.partitions", "1"),
          Map.entry("share.coordinator.state.topic.replication.factor", "1"),
          Map.entry("share.coordinator.state.topic.min.isr", "1"),
          Map.entry("group.initial.rebalance.delay.ms", "0"),
          Map.entry("group.min.session.timeout.ms", "500"),
          Map.entry("broker.session.timeout.ms", "2000"),
          Map.entry("broker.heartbeat.interval.ms", "500"),
          Map.entry("num.network.threads", "2"),
          Map.entry("num.io.threads", "2"),
          Map.entry("log.cleaner.dedupe.buffer.size", "4194304"),
          Map.entry("log.index.size.max.bytes", "1048576"));

  private KafkaBrokerMain() {}

  public static void main(String[] args) throws IOException {
    Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN); // Ctrl-C is for who has started it
    Path folder = Path.of(args[0]);
    Path file = folder.resolve("server.properties");
    Properties properties = new Properties();
    properties.putAll(SETTINGS);
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    KafkaConfig config = KafkaConfig.fromProps(properties, false);
    if (!Files.exists(folder.resolve("data"))) {
      format(folder, properties);
    }
    KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
    server.startup();
    Files.createFile(folder.resolve("ready"));
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    if (commands.readLine() == null) {
      FileUtil.removeDir(folder.toFile());
      Runtime.getRuntime().halt(1);
    }
    server.shutdown();
  }

  private static void format(Path folder, Properties properties) throws IOException {
    Path file = folder.resolve("format.properties");
    try (var writer = Files.newBufferedWriter(file)) {
      properties.store(writer, null);
    }
    String[] command = {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()};
    int code = StorageTool.execute(command, System.out);
    if (code != 0) {
      throw new IllegalStateException("the storage tool ended with " + code);
    }
  }
}
