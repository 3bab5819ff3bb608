package io.crmwebhooks;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.util.FileUtil;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;

/**
 * A Kafka broker of one node, in a process of its own, on free ports of the loopback interface. It
 * makes no topic by itself. Its data last until {@link #close}, also when it is killed; it ends
 * with this virtual machine, however that ends. Not for several threads.
 */
public final class KafkaBroker implements AutoCloseable {
  /** Who may log in where {@link #saslBrokers} listens. */
  public static final String USER = "crm";

  public static final String PASSWORD = "the password of the tests";

  private static final Duration START = Duration.ofMinutes(3); // on a machine with much else
  private static final Duration STOP = Duration.ofSeconds(15);
  private static final int TRIES = 3;

  /** For one that does little. */
  private static final String[] QUICK = {"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"};

  private final Path folder;
  private final boolean secured;
  private final List<String> javaOptions;
  private int[] ports;
  private Process process;

  private KafkaBroker(boolean secured, String... javaOptions) {
    this.secured = secured;
    this.javaOptions = List.of(javaOptions);
    try {
      this.folder = Files.createTempDirectory("kafka-broker-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one that tests of this virtual machine share, for topics of their own. Nobody stops it. */
  public static KafkaBroker shared() {
    return Shared.BROKER;
  }

  /** A new one, for plain connections only. */
  public static KafkaBroker start() {
    return new KafkaBroker(false, QUICK).started();
  }

  /** A new one that is to work hard for long, for plain connections only. */
  public static KafkaBroker startForLoad() {
    return new KafkaBroker(false, "-Xmx1g").started();
  }

  /** A new one that also listens with TLS, and with a login over TLS. */
  public static KafkaBroker startSecured() {
    return new KafkaBroker(true, QUICK).started();
  }

  /** Host and port, for plain connections. */
  public String brokers() {
    return "127.0.0.1:" + ports[0];
  }

  /** Host and port for {@code SSL}; only if it is secured. */
  public String tlsBrokers() {
    return "127.0.0.1:" + ports[2];
  }

  /** Host and port for {@code SASL_SSL} with the mechanism {@code PLAIN}; only if it is secured. */
  public String saslBrokers() {
    return "127.0.0.1:" + ports[3];
  }

  /** The certificate of the authority that vouches for it, as a PEM file; only if it is secured. */
  public Path authority() {
    return folder.resolve("authority.pem");
  }

  public long pid() {
    return process.pid();
  }

  /** As a loss of power of its process: {@code SIGKILL}. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** In order: it writes what it has and leaves the cluster. */
  public void stop() {
    try (OutputStream commands = process.getOutputStream()) {
      commands.write("stop\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new IllegalStateException("the broker has ended by itself:\n" + log(), e);
    }
    awaitEnd();
  }

  /** After {@link #kill} or {@link #stop}: on the same ports, with the same data. */
  public void restart() {
    if (process.isAlive()) {
      throw new IllegalStateException("the broker still runs");
    }
    if (!begin()) {
      throw new IllegalStateException("the broker does not start again:\n" + log());
    }
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
    FileUtil.removeDir(folder.toFile());
  }

  /**
   * The ports are free when they are chosen; somebody else may take them before the broker does.
   */
  private KafkaBroker started() {
    try {
      for (int i = 0; i < TRIES; i++) {
        ports = freePorts(secured ? 4 : 2);
        writeProperties();
        if (begin()) {
          return this;
        }
      }
      throw new IllegalStateException("the broker does not start:\n" + log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")));
      }
      return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private void writeProperties() throws IOException {
    Properties server = new Properties();
    String listeners = "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d";
    String protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT";
    String advertised = "PLAINTEXT://127.0.0.1:%d";
    if (secured) {
      listeners += ",TLS://127.0.0.1:%d,LOGIN://127.0.0.1:%d";
      protocols += ",TLS:SSL,LOGIN:SASL_SSL";
      advertised += ",TLS://127.0.0.1:%3$d,LOGIN://127.0.0.1:%4$d";
      secure(server);
    }
    Object[] numbers = Arrays.stream(ports).boxed().toArray();
    server.put("listeners", listeners.formatted(numbers));
    server.put("advertised.listeners", advertised.formatted(numbers));
    server.put("listener.security.protocol.map", protocols);
    server.put("controller.quorum.voters", "1@127.0.0.1:" + ports[1]);
    server.put("log.dirs", folder.resolve("data").toString());
    try (Writer file = Files.newBufferedWriter(folder.resolve("server.properties"))) {
      server.store(file, null);
    }
  }

  private void secure(Properties server) throws IOException {
    TestAuthority authority = new TestAuthority("kafka");
    authority.self().writeCertificate(authority());
    TestAuthority.Issued issued = authority.issue("127.0.0.1");
    Path certificate = issued.writeCertificate(folder.resolve("certificate.pem"));
    Path key = issued.writeKey(folder.resolve("key.pem"));
    server.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, "PEM");
    server.put(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG, Files.readString(certificate));
    server.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, Files.readString(key));
    server.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    server.put("super.users", "User:ANONYMOUS"); // who comes without a login
    server.put("allow.everyone.if.no.acl.found", "true");
    server.put("sasl.enabled.mechanisms", "PLAIN");
    server.put(
        "listener.name.login.plain." + SaslConfigs.SASL_JAAS_CONFIG,
        "org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=\"%s\";"
            .formatted(USER, PASSWORD));
  }

  /** Says whether it is ready; it is no more alive otherwise. */
  private boolean begin() {
    Path ready = folder.resolve("ready");
    try {
      Files.deleteIfExists(ready);
      process = launch();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long end = System.nanoTime() + START.toNanos();
    while (!Files.exists(ready)) {
      if (waitFor(Duration.ofMillis(20))) {
        return false;
      }
      if (System.nanoTime() > end) {
        kill();
        throw new IllegalStateException(
            "the broker is not ready after %s:%n%s".formatted(START, log()));
      }
    }
    return true;
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(javaOptions);
    command.addAll(
        List.of(
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            classPath(),
            KafkaBrokerMain.class.getName(),
            folder.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("broker.log").toFile()))
        .start();
  }

  private static String classPath() {
    if (KafkaBroker.class.getClassLoader() instanceof URLClassLoader inMaven) { // exec:java
      return Arrays.stream(inMaven.getURLs())
          .map(url -> Path.of(URI.create(url.toString())).toString())
          .collect(Collectors.joining(File.pathSeparator));
    }
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private void awaitEnd() {
    if (!waitFor(STOP)) {
      process.destroyForcibly();
      throw new IllegalStateException("the broker has not ended after %s".formatted(STOP));
    }
  }

  private boolean waitFor(Duration time) {
    try {
      return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private String log() {
    try {
      List<String> lines = Files.readAllLines(folder.resolve("broker.log"));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 50), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static final class Shared {
    static final KafkaBroker BROKER = start();

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(BROKER::close));
    }
  }
}
