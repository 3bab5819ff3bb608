package io.crmwebhooks.kafka;

import static io.crmwebhooks.kafka.LostMessages.pause;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crmwebhooks.KafkaBroker;
import io.crmwebhooks.pipeline.Changes;
import io.crmwebhooks.pipeline.Rounds;
import io.crmwebhooks.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.LongStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.camel.component.kafka.consumer.KafkaManualCommitFactory;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogConsumerTest {
  /** Without a look for longer, the group goes on without a consumer. */
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private final Map<String, Object> brokers =
      Map.of("bootstrap.servers", KafkaBroker.shared().brokers());
  private final String prefix = "log-" + UUID.randomUUID();
  private final TopicPartition partition = new TopicPartition(prefix + ".changes", 0);
  private final Admin admin = Admin.create(brokers);
  private final KafkaProducer<String, String> producer =
      new KafkaProducer<>(brokers, new StringSerializer(), new StringSerializer());
  private final CamelContext context = new DefaultCamelContext();
  private final List<String> read = new ArrayList<>();
  private LogConsumer consumer;

  @BeforeEach
  void subscribe() throws Exception {
    admin.createTopics(List.of(new NewTopic(partition.topic(), 1, (short) 1))).all().get();
    Map<String, String> settings = Map.of("webhooks.kafka.prefix", prefix);
    Progress progress = new Progress(Settings.load(Path.of("no such file"), Map.of(), settings));
    progress.open(admin);
    OffsetAndMetadata first = new OffsetAndMetadata(0, progress.topic());
    admin.alterConsumerGroupOffsets(prefix, Map.of(partition, first)).all().get();
    consumer = new LogConsumer(config(), new LostMessages(null), progress);
    consumer.subscribe(List.of(partition.topic()), new Nobody());
  }

  private Properties config() {
    Properties config = new Properties();
    config.putAll(brokers);
    config.put("group.id", prefix);
    config.put("auto.offset.reset", "none");
    config.put("enable.auto.commit", "false");
    config.put("session.timeout.ms", "900");
    config.put("heartbeat.interval.ms", "100");
    config.put("max.poll.interval.ms", Long.toString(BETWEEN_LOOKS.toMillis()));
    config.put("key.deserializer", StringDeserializer.class.getName());
    config.put("value.deserializer", StringDeserializer.class.getName());
    return config;
  }

  @AfterEach
  void close() {
    consumer.close();
    producer.close(Duration.ZERO);
    admin.close(Duration.ZERO);
  }

  @Test
  void one_that_waits_for_a_batch_stays_in_its_group_and_misses_nothing_meanwhile()
      throws Exception {
    send("1");
    awaitRead("1");
    send("2");
    long until = System.nanoTime() + 3 * BETWEEN_LOOKS.toNanos();
    while (System.nanoTime() - until < 0) {
      assertThat(consumer.confirm()).as("the changes are still its own").isTrue();
      pause(BETWEEN_LOOKS.toMillis() / 10);
    }
    consumer.commit(Map.of(partition, 1L));
    awaitRead("1", "2");
  }

  @Test
  void what_is_settled_behind_a_change_that_is_left_is_read_again_and_not_sent_again()
      throws Exception {
    send("1");
    send("2");
    send("3");
    awaitRead("1", "2", "3");
    Consumption consumption = new Consumption();
    consumption.of("this log");
    Exchange look = look(consumption, 0, 1, 2);
    assertThat(changes(look)).containsExactly(1, 2, 3);
    leave(look, 2);
    consumption.commit(look);
    consumption.end(look);
    consumer.poll(Duration.ZERO); // the end of the first look
    awaitRead("1", "2", "3", "2", "3");
    Exchange again = look(consumption, 1, 2);
    assertThat(changes(again)).containsExactly(2);
    leave(again);
    consumption.commit(again);
    assertThat(admin.listConsumerGroupOffsets(prefix).partitionsToOffsetAndMetadata().get())
        .hasEntrySatisfying(partition, place -> assertThat(place.offset()).isEqualTo(3));
    assertThat(consumer.settled().has(partition, 2)).as("it is never read again").isFalse();
  }

  /** Begins with the messages at these offsets, each of the change after its offset. */
  private Exchange look(Consumption consumption, long... offsets) {
    Exchange look = new DefaultExchange(context);
    consumption.begin(LongStream.of(offsets).mapToObj(this::message).toList(), look);
    return look;
  }

  private Exchange message(long offset) {
    String header = "{\"log\":\"this log\",\"claim_id\":1,\"change_id\":" + (offset + 1) + "}";
    RecordHeaders headers = new RecordHeaders();
    headers.add(ChangeMessages.HEADER, header.getBytes(StandardCharsets.UTF_8));
    Exchange exchange = new DefaultExchange(context);
    Message message = exchange.getMessage();
    message.setHeader(KafkaConstants.TOPIC, partition.topic());
    message.setHeader(KafkaConstants.PARTITION, partition.partition());
    message.setHeader(KafkaConstants.OFFSET, offset);
    message.setHeader(KafkaConstants.HEADERS, headers);
    message.setHeader(
        KafkaConstants.MANUAL_COMMIT,
        new DefaultKafkaManualCommit(
            new KafkaManualCommitFactory.CamelExchangePayload(exchange, consumer, "", null),
            new KafkaManualCommitFactory.KafkaRecordPayload(partition, offset, 0)) {
          @Override
          public void commit() {}
        });
    return exchange;
  }

  @SuppressWarnings("unchecked")
  private static List<Integer> changes(Exchange look) {
    return ((List<Map<String, Object>>) look.getProperty("rows", List.class))
        .stream().map(row -> ((Number) row.get("change_id")).intValue()).toList();
  }

  /** Settles a look but for these changes. */
  private static void leave(Exchange look, long... changes) {
    look.getMessage().setBody(LongStream.of(changes).mapToObj(Changes::row).toList());
    new Rounds(null, null, null, null, null).begin(look);
  }

  private void send(String value) throws Exception {
    producer.send(new ProducerRecord<>(partition.topic(), value)).get();
  }

  private void awaitRead(String... values) {
    await()
        .pollInSameThread()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              consumer.poll(Duration.ZERO).forEach(message -> read.add(message.value()));
              return read.size() >= values.length;
            });
    assertThat(read).containsExactly(values);
  }

  private static final class Nobody implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
  }
}
