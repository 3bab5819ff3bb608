package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crmwebhooks.settings.StartupException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Starts on Kafka that are refused: each says why in a sentence, and leaves nothing behind. */
class KafkaStartTest {
  private static final String BROKERS = "webhooks.kafka.brokers";
  private static final String PREFIX = "webhooks.kafka.prefix";
  private static final String CLIENT = "webhooks.kafka.client.";
  private static final Duration AT_MOST = Duration.ofSeconds(10);
  private static final String[] IMPATIENT = {
    CLIENT + "default.api.timeout.ms", "2000", CLIENT + "request.timeout.ms", "2000"
  };

  private static KafkaBroker broker;

  @BeforeAll
  static void startBroker() {
    broker = KafkaBroker.startSecured();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  private static PipelineFixture with(String brokers, String... more) {
    return new PipelineFixture(and(more, "webhooks.engine", "kafka", BROKERS, brokers));
  }

  private static String[] and(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  private static String[] login(String password) {
    return new String[] {
      CLIENT + "security.protocol",
      "SASL_SSL",
      CLIENT + "ssl.truststore.type",
      "PEM",
      CLIENT + "ssl.truststore.location",
      broker.authority().toString(),
      CLIENT + "sasl.mechanism",
      "PLAIN",
      CLIENT + "sasl.jaas.config",
      "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
          .formatted(KafkaBroker.USER, password)
    };
  }

  private static void refused(PipelineFixture pipeline, String... said) {
    try (pipeline) {
      Set<String> before = threads();
      long began = System.nanoTime();
      assertThatThrownBy(pipeline::start)
          .isInstanceOf(StartupException.class)
          .message()
          .contains(said)
          .doesNotContain("\n", KafkaBroker.PASSWORD, "wrong password");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(AT_MOST);
      assertThat(pipeline.count("node")).isZero();
      PipelineFixture.soon()
          .untilAsserted(() -> assertThat(threads()).as("threads").isSubsetOf(before));
    }
  }

  /** Of Kafka and Camel, by their names. */
  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.matches("(?i).*(kafka|camel|seda|timer:).*"))
        .collect(Collectors.toSet());
  }

  @Test
  void a_login_starts_the_pipeline_and_a_wrong_password_does_not() {
    try (PipelineFixture pipeline = with(broker.saslBrokers(), login(KafkaBroker.PASSWORD))) {
      pipeline.start();
      assertThat(pipeline.count("node")).isEqualTo(1);
    }
    refused(
        with(broker.saslBrokers(), login("wrong password")),
        BROKERS + "=" + broker.saslBrokers(),
        "SaslAuthenticationException",
        "webhooks.kafka.client.sasl.jaas.config");
  }

  @Test
  void a_broker_whose_certificate_is_not_trusted_is_named() {
    refused(
        with(broker.tlsBrokers(), CLIENT + "security.protocol", "SSL"),
        BROKERS + "=" + broker.tlsBrokers(),
        "webhooks.kafka.client.ssl.truststore.location");
  }

  @Test
  void tls_that_is_spoken_to_a_plain_port_is_told() {
    refused(
        with(broker.brokers(), and(IMPATIENT, CLIENT + "security.protocol", "SSL")),
        BROKERS + "=" + broker.brokers(),
        "webhooks.kafka.client.security.protocol");
  }

  @Test
  void an_address_where_nobody_listens_is_told() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    refused(
        with("127.0.0.1:" + port, IMPATIENT),
        BROKERS + "=127.0.0.1:" + port,
        "no broker answers",
        CLIENT + "security.protocol=PLAINTEXT");
  }

  @Test
  void a_host_that_is_not_known_is_told() {
    refused(with("broker.invalid:9092"), BROKERS + "=broker.invalid:9092", "No resolvable");
  }

  @Test
  void a_topic_that_may_not_be_made_is_named_with_the_command() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.brokers()))) {
      admin
          .createAcls(
              List.of(
                  acl(
                      ResourceType.CLUSTER,
                      "kafka-cluster",
                      AclOperation.CREATE,
                      AclPermissionType.DENY),
                  acl(
                      ResourceType.TOPIC,
                      "denied.changes",
                      AclOperation.DESCRIBE,
                      AclPermissionType.ALLOW)))
          .all()
          .get();
    }
    refused(
        with(broker.saslBrokers(), and(login(KafkaBroker.PASSWORD), PREFIX, "denied")),
        "topic denied.changes is missing and cannot be made: TopicAuthorizationException",
        "kafka-topics.sh --bootstrap-server "
            + broker.saslBrokers()
            + " --create --topic denied.changes --partitions ");
  }

  private static AclBinding acl(
      ResourceType type, String name, AclOperation operation, AclPermissionType permission) {
    return new AclBinding(
        new ResourcePattern(type, name, PatternType.LITERAL),
        new AccessControlEntry("User:" + KafkaBroker.USER, "*", operation, permission));
  }

  @Test
  void a_topic_that_takes_too_small_messages_is_refused_with_the_command() throws Exception {
    make("small.changes", Map.of("max.message.bytes", "1000"));
    refused(
        with(broker.brokers(), PREFIX, "small"),
        "topic small.changes takes messages of up to 1000 bytes",
        "webhooks.poll.record-bytes=",
        "kafka-configs.sh --bootstrap-server "
            + broker.brokers()
            + " --alter --topic small.changes"
            + " --add-config max.message.bytes=");
  }

  @Test
  void a_topic_that_drops_older_messages_of_a_key_is_refused_with_the_command() throws Exception {
    make("compact.changes", Map.of("cleanup.policy", "compact", "max.message.bytes", "50000000"));
    refused(
        with(broker.brokers(), PREFIX, "compact"),
        "topic compact.changes has cleanup.policy=compact",
        " --alter --topic compact.changes --add-config cleanup.policy=delete");
  }

  @Test
  void a_topic_that_keeps_messages_for_less_long_than_the_setting_is_warned_of() throws Exception {
    make("short.changes", Map.of("retention.ms", "3600000", "max.message.bytes", "50000000"));
    Logger logger = (Logger) LoggerFactory.getLogger("io.crmwebhooks.kafka.Topics");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try (PipelineFixture pipeline = with(broker.brokers(), PREFIX, "short")) {
      pipeline.start();
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list.stream().map(ILoggingEvent::getFormattedMessage))
        .anyMatch(
            line ->
                line.matches(
                    "topic.retention short.changes keeps messages for PT1H, .*webhooks.retention.delivered=.*"));
  }

  private static void make(String topic, Map<String, String> config) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.brokers()))) {
      NewTopic wanted = new NewTopic(topic, Optional.of(2), Optional.empty()).configs(config);
      admin.createTopics(List.of(wanted)).all().get();
    }
  }
}
