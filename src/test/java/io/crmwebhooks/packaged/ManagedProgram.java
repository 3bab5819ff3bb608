package io.crmwebhooks.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.awaitility.Awaitility;

/** A running package as Camel's own tools see it, with {@code webhooks.manage.enabled}. */
public final class ManagedProgram {
  private final long pid;
  private final Path home;

  /**
   * @param home of its user, where the connector keeps its files
   */
  public ManagedProgram(long pid, Path home) {
    this.pid = pid;
    this.home = home;
  }

  /** All that they show: every attribute and dump of JMX, and what the camel command is told. */
  public String shown() throws Exception {
    StringBuilder shown = new StringBuilder(status());
    for (String action : Set.of("route-dump", "source", "trace", "browse", "variables")) {
      shown.append(answer(action));
    }
    for (String denied : Set.of("properties", "main-configuration", "trace", "variables")) {
      assertThat(status()).doesNotContain('"' + denied + "\":");
    }
    VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
    try (JMXConnector connector =
        JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()))) {
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      for (ObjectName name : new TreeSet<>(beans.queryNames(null, null))) {
        append(shown, beans, name);
      }
    } finally {
      machine.detach();
    }
    return shown.toString();
  }

  private String status() {
    Path file = file("status");
    Awaitility.await()
        .until(() -> Files.exists(file) && Files.readString(file).contains("\"routes\""));
    return read(file);
  }

  /** As the camel command asks: in a file that the connector looks for every second. */
  private String answer(String action) throws IOException {
    Files.writeString(
        file("action"),
        "{\"action\":\"%s\",\"filter\":\"*\",\"format\":\"yaml\",\"dump\":\"true\"}"
            .formatted(action));
    Awaitility.await().until(() -> !Files.exists(file("action")) || read(file("action")).isEmpty());
    return read(file("output"));
  }

  private Path file(String kind) {
    return home.resolve(".camel").resolve(pid + "-" + kind + ".json");
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return ""; // it is being written
    }
  }

  private static void append(StringBuilder shown, MBeanServerConnection beans, ObjectName name)
      throws JMException, IOException {
    shown.append(name).append('\n');
    for (MBeanAttributeInfo attribute : beans.getMBeanInfo(name).getAttributes()) {
      try {
        Object value = beans.getAttribute(name, attribute.getName());
        shown.append(attribute.getName()).append('=').append(text(value)).append('\n');
      } catch (JMException | JMRuntimeException | IOException e) {
        shown.append(attribute.getName()).append(" is not there\n");
      }
    }
    for (MBeanOperationInfo operation : beans.getMBeanInfo(name).getOperations()) {
      if (operation.getName().startsWith("dump") && operation.getSignature().length == 0) {
        shown.append(text(beans.invoke(name, operation.getName(), null, null))).append('\n');
      }
    }
  }

  private static String text(Object value) {
    return value instanceof Object[] many ? Arrays.deepToString(many) : String.valueOf(value);
  }
}
