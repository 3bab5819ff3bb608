package io.crmwebhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crmwebhooks.kafka.KafkaClient;
import io.crmwebhooks.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommitFactory;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The broker of the tests, and how camel-kafka takes batches from it. */
class KafkaBrokerTest {
  private static final int BATCH = 10;
  private static final Duration LONG = Duration.ofSeconds(30);

  private static KafkaBroker broker;

  private final String topic = "changes-" + UUID.randomUUID();
  private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void startBroker() {
    broker = KafkaBroker.startSecured();
  }

  @AfterAll
  static void closeBroker() {
    broker.close();
  }

  @Test
  void nothing_is_lost_when_it_is_killed() throws Exception {
    createTopic(2);
    send(0, 25);
    try (DefaultCamelContext camel = consume(plain(), "", this::takeAndCommit)) {
      awaitTaken(25);
      broker.kill();
      broker.restart();
      send(25, 50);
      awaitTaken(50);
    }
    assertThat(taken()).containsExactlyInAnyOrderElementsOf(numbers(0, 50));
    assertThat(committed()).isEqualTo(50);
  }

  @Test
  void whoever_logs_in_is_served_and_no_log_has_the_password() throws Exception {
    createTopic(1);
    send(0, BATCH);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger library = (Logger) LoggerFactory.getLogger("org.apache");
    library.addAppender(log);
    library.setAdditive(false);
    List<Logger> talkative =
        Stream.of("org.apache", "org.apache.camel", "org.apache.kafka")
            .map(name -> (Logger) LoggerFactory.getLogger(name))
            .toList();
    List<Level> before = talkative.stream().map(Logger::getLevel).toList();
    talkative.forEach(logger -> logger.setLevel(Level.TRACE));
    try (DefaultCamelContext camel = consume(loggedIn(), "", this::takeAndCommit)) {
      awaitTaken(BATCH);
    } finally {
      for (int i = 0; i < before.size(); i++) {
        talkative.get(i).setLevel(before.get(i));
      }
      library.setAdditive(true);
      library.detachAppender(log);
    }
    assertThat(new ArrayList<>(log.list))
        .extracting(ILoggingEvent::getFormattedMessage)
        .anyMatch(message -> message.contains("sasl.jaas.config = [hidden]"))
        .noneMatch(message -> message.contains(KafkaBroker.PASSWORD));
  }

  @Test
  void a_batch_that_was_not_committed_comes_again_and_a_committed_one_does_not() throws Exception {
    createTopic(1);
    send(0, 2 * BATCH);
    try (DefaultCamelContext camel =
        consume(plain(), "", exchange -> takeAndCommit(exchange, batches.isEmpty()))) {
      awaitTaken(2 * BATCH);
    }
    assertThat(committed()).isEqualTo(BATCH);
    batches.clear();
    try (DefaultCamelContext camel = consume(plain(), "", this::takeAndCommit)) {
      awaitTaken(BATCH);
    }
    assertThat(batches).containsExactly(numbers(BATCH, 2 * BATCH));
  }

  /** The next commit is also one of what has failed. */
  @Test
  void a_batch_that_fails_is_passed_over() throws Exception {
    createTopic(1);
    send(0, 2 * BATCH);
    try (DefaultCamelContext camel = consume(plain(), "", this::failOnceAndCommit)) {
      await().atMost(LONG).until(() -> committed() == 2 * BATCH);
    }
    assertThat(batches).containsExactly(numbers(0, BATCH), numbers(BATCH, 2 * BATCH));
  }

  @Test
  void a_batch_that_fails_comes_again_when_the_consumer_breaks_on_the_first_error()
      throws Exception {
    createTopic(1);
    send(0, 2 * BATCH);
    try (DefaultCamelContext camel =
        consume(plain(), "&breakOnFirstError=true", this::failOnceAndCommit)) {
      await().atMost(LONG).until(() -> committed() == 2 * BATCH);
    }
    assertThat(batches)
        .containsExactly(numbers(0, BATCH), numbers(0, BATCH), numbers(BATCH, 2 * BATCH));
  }

  private void failOnceAndCommit(Exchange exchange) {
    takeAndCommit(exchange, !batches.isEmpty());
    if (batches.size() == 1) {
      throw new IllegalStateException("the first batch fails");
    }
  }

  private void takeAndCommit(Exchange exchange) {
    takeAndCommit(exchange, true);
  }

  /** The batch's own commit would be that of its last record, and so of one partition. */
  private void takeAndCommit(Exchange exchange, boolean commit) {
    Map<Integer, KafkaManualCommit> last = new HashMap<>();
    List<Integer> batch =
        ((List<?>) exchange.getMessage().getBody())
            .stream()
                .map(record -> ((Exchange) record).getMessage())
                .peek(record -> last.put(partition(record), commit(record)))
                .map(record -> record.getBody(Integer.class))
                .toList();
    if (commit) {
      last.values().forEach(KafkaManualCommit::commit);
    }
    batches.add(batch);
  }

  private static Integer partition(Message record) {
    return record.getHeader(KafkaConstants.PARTITION, Integer.class);
  }

  private static KafkaManualCommit commit(Message record) {
    return record.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class);
  }

  private void awaitTaken(int count) {
    await().atMost(LONG).until(() -> taken().size() >= count);
  }

  private List<Integer> taken() {
    return batches.stream().flatMap(List::stream).toList();
  }

  private static List<Integer> numbers(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  private static KafkaClient plain() {
    return client(Map.of("webhooks.kafka.brokers", broker.brokers()));
  }

  private static KafkaClient loggedIn() {
    return client(
        Map.of(
            "webhooks.kafka.brokers",
            broker.saslBrokers(),
            "webhooks.kafka.client.security.protocol",
            "SASL_SSL",
            "webhooks.kafka.client.sasl.mechanism",
            "PLAIN",
            "webhooks.kafka.client.sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
                .formatted(KafkaBroker.USER, KafkaBroker.PASSWORD),
            "webhooks.kafka.client.ssl.truststore.type",
            "PEM",
            "webhooks.kafka.client.ssl.truststore.location",
            broker.authority().toString()));
  }

  private static KafkaClient client(Map<String, String> settings) {
    return KafkaClient.of(Settings.load(Path.of("no such file"), Map.of(), settings));
  }

  private DefaultCamelContext consume(KafkaClient client, String options, Processor step)
      throws Exception {
    DefaultCamelContext camel = new DefaultCamelContext();
    KafkaConfiguration all = camel.getComponent("kafka", KafkaComponent.class).getConfiguration();
    all.setBrokers(client.brokers());
    all.setAdditionalProperties(client.further());
    String uri =
        "kafka:%s?groupId=%s&batching=true&maxPollRecords=%d&pollTimeoutMs=50&autoOffsetReset=earliest&autoCommitEnable=false&allowManualCommit=true&kafkaManualCommitFactory=#class:%s%s"
            .formatted(
                topic, topic, BATCH, DefaultKafkaManualCommitFactory.class.getName(), options);
    camel.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from(uri).process(step);
          }
        });
    camel.start();
    return camel;
  }

  private void createTopic(int partitions) throws Exception {
    try (Admin admin = admin()) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    }
  }

  /** The offsets that the group has committed, all partitions together. */
  private long committed() throws Exception {
    try (Admin admin = admin()) {
      Map<TopicPartition, OffsetAndMetadata> offsets =
          admin.listConsumerGroupOffsets(topic).partitionsToOffsetAndMetadata().get();
      return offsets.values().stream().mapToLong(OffsetAndMetadata::offset).sum();
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", broker.brokers()));
  }

  private void send(int from, int to) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            broker.tlsBrokers(),
            "security.protocol",
            "SSL",
            "ssl.truststore.type",
            "PEM",
            "ssl.truststore.location",
            broker.authority().toString());
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int i = from; i < to; i++) {
        producer.send(new ProducerRecord<>(topic, "key " + i, String.valueOf(i)));
      }
    }
  }
}
