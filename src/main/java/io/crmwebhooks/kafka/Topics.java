package io.crmwebhooks.kafka;

import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topics of a prefix, as the brokers have them. Thread-safe. */
public final class Topics extends ServiceSupport {
  private static final Logger LOG = LoggerFactory.getLogger(Topics.class);
  private static final long WAIT_SECONDS = 15;
  private static final long LOOK_MILLIS = 100;
  private static final long BESIDE_THE_RECORD = 2_000_000; // its names, ten times escaped
  private static final long OF_A_BYTE = 3; // that the database counts, in UTF-8

  private final Settings settings;
  private Admin admin;

  /** Opens no connection yet. */
  Topics(Settings settings) {
    this.settings = settings;
  }

  /**
   * Finds the topics, makes those that are missing, and says what is wrong with them.
   *
   * @throws StartupException when the brokers cannot be asked, or a topic cannot be used
   */
  Admin open(Map<String, Object> client) {
    try {
      admin = Admin.create(client);
    } catch (KafkaException e) {
      throw new StartupException(
          "%s, or a setting of %s*, cannot be used: %s"
              .formatted(brokers(settings), KafkaClient.PREFIX, rootMessage(e)),
          e);
    }
    require(changes(settings));
    require(outcomes(settings));
    return admin;
  }

  static String changes(Settings settings) {
    return settings.text("webhooks.kafka.prefix") + ".changes";
  }

  static String outcomes(Settings settings) {
    return settings.text("webhooks.kafka.prefix") + ".outcomes";
  }

  /** The largest message of a change, in bytes. */
  static int messageBytes(Settings settings) {
    long most = OF_A_BYTE * settings.integer("webhooks.poll.record-bytes") + BESIDE_THE_RECORD;
    return (int) Math.min(most, Integer.MAX_VALUE);
  }

  private void require(String topic) {
    try {
      if (!exists(topic)) {
        make(topic);
      }
      check(topic, configOf(topic));
    } catch (ExecutionException e) {
      throw new StartupException(brokers(settings) + ": " + reason(topic, e), e);
    } catch (TimeoutException e) {
      throw new StartupException(brokers(settings) + ": " + noAnswer(), e);
    }
  }

  private String reason(String topic, ExecutionException e) {
    Throwable error = e.getCause();
    if (error instanceof org.apache.kafka.common.errors.TimeoutException) {
      return noAnswer();
    } else if (error instanceof SslAuthenticationException) {
      return "TLS fails: %s; see %s and %3$sssl.truststore.location"
          .formatted(rootMessage(e), protocol(), KafkaClient.PREFIX);
    } else if (error instanceof AuthenticationException) {
      return "the login is refused: %s; see %2$ssasl.mechanism and %2$ssasl.jaas.config"
          .formatted(rootMessage(e), KafkaClient.PREFIX);
    }
    return "topic " + topic + ": " + rootMessage(e);
  }

  private String noAnswer() {
    return "no broker answers in time; the address may be wrong, or its port may not speak %s"
        .formatted(protocol());
  }

  private String protocol() {
    String name = CommonClientConfigs.SECURITY_PROTOCOL_CONFIG;
    return KafkaClient.PREFIX
        + name
        + "="
        + settings.kafkaClient().getOrDefault(name, CommonClientConfigs.DEFAULT_SECURITY_PROTOCOL);
  }

  private boolean exists(String topic) throws ExecutionException, TimeoutException {
    try {
      get(admin.describeTopics(List.of(topic)).allTopicNames());
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  private void make(String topic) throws TimeoutException {
    int partitions = settings.integer("webhooks.kafka.partitions");
    Map<String, String> config =
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.RETENTION_MS_CONFIG,
            Long.toString(kept().toMillis()),
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
            Integer.toString(messageBytes(settings)));
    NewTopic wanted =
        new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(config);
    try {
      get(admin.createTopics(List.of(wanted)).all());
      LOG.info("topic.made {} partitions={} retention={}", topic, partitions, kept());
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) { // another process was quicker
        throw new StartupException(
            "topic %s is missing and cannot be made: %s; make it with: kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions %s --config %s=%s --config %s=%s"
                .formatted(
                    topic,
                    rootMessage(e),
                    settings.text("webhooks.kafka.brokers"),
                    topic,
                    partitions,
                    TopicConfig.RETENTION_MS_CONFIG,
                    kept().toMillis(),
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    messageBytes(settings)),
            e);
      }
    }
  }

  /** One that was made just now is not known to each broker yet. */
  private Config configOf(String topic) throws ExecutionException, TimeoutException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (true) {
      try {
        return get(admin.describeConfigs(List.of(resource)).all()).get(resource);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() - until > 0) {
          throw e;
        }
        LostMessages.pause(LOOK_MILLIS);
      }
    }
  }

  private void check(String topic, Config config) {
    int most = Integer.parseInt(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
    if (most < messageBytes(settings)) {
      throw new StartupException(
          "topic %s takes messages of up to %s bytes, and webhooks.poll.record-bytes=%s needs %s: kafka-configs.sh --bootstrap-server %s --alter --topic %s --add-config %s=%s"
              .formatted(
                  topic,
                  most,
                  settings.integer("webhooks.poll.record-bytes"),
                  messageBytes(settings),
                  settings.text("webhooks.kafka.brokers"),
                  topic,
                  TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                  messageBytes(settings)));
    }
    String cleanup = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
    if (cleanup.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      throw new StartupException(
          "topic %s has %s=%s, which would drop changes that nobody has read; it must be %s: kafka-configs.sh --bootstrap-server %s --alter --topic %s --add-config %s=%s"
              .formatted(
                  topic,
                  TopicConfig.CLEANUP_POLICY_CONFIG,
                  cleanup,
                  TopicConfig.CLEANUP_POLICY_DELETE,
                  settings.text("webhooks.kafka.brokers"),
                  topic,
                  TopicConfig.CLEANUP_POLICY_CONFIG,
                  TopicConfig.CLEANUP_POLICY_DELETE));
    }
    long retention = Long.parseLong(config.get(TopicConfig.RETENTION_MS_CONFIG).value());
    if (retention >= 0 && retention < kept().toMillis()) {
      LOG.warn(
          "topic.retention {} keeps messages for {}, which is shorter than webhooks.retention.delivered={}",
          topic,
          Duration.ofMillis(retention),
          kept());
    }
  }

  private Duration kept() {
    return settings.duration("webhooks.retention.delivered");
  }

  static <T> T get(Future<T> answer) throws ExecutionException, TimeoutException {
    try {
      return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Kafka was asked", e);
    }
  }

  private static String brokers(Settings settings) {
    return "webhooks.kafka.brokers=" + settings.text("webhooks.kafka.brokers");
  }

  static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }

  @Override
  protected void doStop() {
    if (admin != null) {
      admin.close(Duration.ofSeconds(1));
    }
  }
}
