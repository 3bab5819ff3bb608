package io.crmwebhooks.bench;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * How long the consumers of a program have waited for Kafka so far, by what Kafka's client counts.
 */
final class ConsumerIdle {
  private static final String CONSUMERS = "kafka.consumer:type=consumer-metrics,client-id=*";
  private static final double NANOS = 1e9;

  /**
   * @param consumers how many there are; none: the program does not read from Kafka
   * @param seconds that they have waited, all together
   */
  record Sum(int consumers, double seconds) {
    Sum and(Sum other) {
      return new Sum(consumers + other.consumers, seconds + other.seconds);
    }

    /** The share of the time since then that they have waited. */
    double shareSince(Sum before, double elapsedSeconds) {
      return (seconds - before.seconds) / (consumers * elapsedSeconds);
    }
  }

  private ConsumerIdle() {}

  static Sum of(long pid) throws IOException, JMException, AttachNotSupportedException {
    VirtualMachine program = VirtualMachine.attach(Long.toString(pid));
    try (JMXConnector connector =
        JMXConnectorFactory.connect(new JMXServiceURL(program.startLocalManagementAgent()))) {
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      Set<ObjectName> consumers = beans.queryNames(new ObjectName(CONSUMERS), null);
      double nanos = 0;
      for (ObjectName consumer : consumers) {
        nanos += ((Number) beans.getAttribute(consumer, "io-wait-time-ns-total")).doubleValue();
      }
      return new Sum(consumers.size(), nanos / NANOS);
    } finally {
      program.detach();
    }
  }
}
