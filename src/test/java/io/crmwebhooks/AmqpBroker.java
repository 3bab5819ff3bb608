package io.crmwebhooks;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.slf4j.LoggerFactory;

/** A broker with AMQP 1.0 in this process, which keeps nothing on the disk. */
final class AmqpBroker implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  /** A message as a receiver in any language sees it. */
  record Taken(String text, Map<String, String> properties) {}

  private final int port;
  private final EmbeddedActiveMQ broker = new EmbeddedActiveMQ();

  AmqpBroker() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = socket.getLocalPort();
    }
  }

  AmqpBroker start() throws Exception {
    Configuration settings =
        new ConfigurationImpl()
            .setPersistenceEnabled(false)
            .setSecurityEnabled(false)
            .addAcceptorConfiguration("amqp", url().replace("amqp:", "tcp:") + "?protocols=AMQP");
    ((Logger) LoggerFactory.getLogger("org.apache.activemq")).setLevel(Level.WARN);
    broker.setConfiguration(settings).start();
    return this;
  }

  String url() {
    return "amqp://127.0.0.1:" + port;
  }

  /** The next message of a queue. */
  Taken take(String queue) throws JMSException {
    try (Connection connection =
            new JmsConnectionFactory(url() + "?jms.validatePropertyNames=false")
                .createConnection();
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
      connection.start();
      BytesMessage message = (BytesMessage) consumer.receive(PATIENCE_MILLIS);
      byte[] body = new byte[(int) message.getBodyLength()];
      message.readBytes(body);
      Map<String, String> properties = new TreeMap<>();
      message
          .getPropertyNames()
          .asIterator()
          .forEachRemaining(
              name -> properties.put((String) name, property(message, (String) name)));
      return new Taken(new String(body, StandardCharsets.UTF_8), properties);
    }
  }

  private static String property(BytesMessage message, String name) {
    try {
      return message.getStringProperty(name);
    } catch (JMSException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws Exception {
    broker.stop();
  }
}
