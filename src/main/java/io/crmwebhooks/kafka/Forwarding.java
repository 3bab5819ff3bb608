package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.pipeline.Arrived;
import io.crmwebhooks.pipeline.Rounds;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.support.DefaultMessage;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the messages that go to the topics, and notes where they are. Thread-safe. */
public final class Forwarding {
  private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);
  private static final long MOVE_WITHIN = TimeUnit.SECONDS.toNanos(2);
  private static final String CHANGES = "forwarded";

  private final CamelContext context;
  private final int most;
  private volatile String log;

  /**
   * @param most changes that are forwarded at once
   */
  Forwarding(CamelContext context, int most) {
    this.context = context;
    this.most = most;
  }

  /** How many changes are forwarded at once. */
  public int getMost() {
    return most;
  }

  /** Says which log the changes are of. */
  void of(String log) {
    this.log = log;
  }

  /**
   * Turns the rows of {@code take-batch.sql} into messages, which end early when the claim is no
   * longer young. So what was sent is known, and only the rest is sent again.
   */
  public Iterator<Message> messages(@Body List<Map<String, Object>> rows, Exchange exchange) {
    exchange.setProperty(CHANGES, rows.stream().map(row -> row.get("change_id")).toList());
    BooleanSupplier mayGoOn = exchange.getProperty("mayForward", BooleanSupplier.class);
    return rows.stream()
        .takeWhile(row -> mayGoOn.getAsBoolean())
        .map(row -> ChangeMessages.message(context, log, row))
        .iterator();
  }

  /**
   * Leaves the first and the last offset of the sent messages in each partition, as a JSON object,
   * in the property {@code offsets}, and in {@code unsent} the ids of the other changes, as an
   * array of PostgreSQL.
   */
  @SuppressWarnings("unchecked")
  public static void readOffsets(Exchange exchange) {
    List<RecordMetadata> sent =
        exchange.getMessage().getHeader(KafkaConstants.KAFKA_RECORD_META, List.class);
    ObjectNode offsets = JsonNodeFactory.instance.objectNode();
    for (RecordMetadata message : sent) {
      ArrayNode range = offsets.withArray(Integer.toString(message.partition()));
      if (range.isEmpty()) {
        range.add(message.offset()).add(message.offset());
      } else {
        range.set(0, Math.min(range.get(0).asLong(), message.offset()));
        range.set(1, Math.max(range.get(1).asLong(), message.offset()));
      }
    }
    exchange.setProperty("offsets", offsets.toString());
    List<Object> changes = exchange.getProperty(CHANGES, List.class);
    exchange.setProperty(
        "unsent",
        changes.subList(sent.size(), changes.size()).stream()
            .map(Object::toString)
            .collect(Collectors.joining(",", "{", "}")));
  }

  /** Tells when the claim was gone before it could be noted where its messages are. */
  public static void forwarded(Exchange exchange) {
    if (exchange.getMessage().getHeader("CamelJdbcRowCount", 0, Integer.class) == 0) {
      LOG.warn(
          "claim.lost claim={} after {} ms; its changes are forwarded again, and those that were read meanwhile are sent twice",
          exchange.getProperty("claim"),
          exchange.getClock().elapsed());
    }
  }

  /**
   * Leaves the messages of a batch's arrived deliveries in the property {@code arrived}, to be sent
   * while nobody else can have its changes; null where there are none.
   */
  public void takeArrived(Exchange exchange) {
    List<Message> messages =
        Arrived.take(exchange).stream().map(each -> message(each.key(), each.value())).toList();
    exchange.setProperty(
        "arrived",
        messages.isEmpty() ? null : new Guarded(messages, () -> Rounds.isHeld(exchange)));
  }

  /** Turns the rows of {@code list-arrived.sql} into messages, and leaves their ids. */
  @SuppressWarnings("unchecked")
  public void readArrived(Exchange exchange) {
    List<Map<String, Object>> rows = exchange.getMessage().getBody(List.class);
    exchange.setProperty(
        "ids",
        rows.stream()
            .map(row -> (String) row.get("id"))
            .collect(Collectors.joining(",", "{", "}")));
    long until = System.nanoTime() + MOVE_WITHIN;
    List<Message> messages =
        rows.stream()
            .map(row -> message((String) row.get("key"), (String) row.get("value")))
            .toList();
    exchange.getMessage().setBody(new Guarded(messages, () -> System.nanoTime() - until < 0));
  }

  private Message message(String key, String value) {
    Message message = new DefaultMessage(context);
    message.setHeader(KafkaConstants.KEY, key);
    message.setBody(value);
    return message;
  }
}
