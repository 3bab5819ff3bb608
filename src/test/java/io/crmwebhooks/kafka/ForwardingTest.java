package io.crmwebhooks.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ForwardingTest {
  private final DefaultCamelContext context = new DefaultCamelContext();

  @Test
  void what_there_is_no_time_for_is_not_sent_and_is_named() {
    Exchange exchange = sent(3, 2);
    assertThat(exchange.getProperty("offsets")).isEqualTo("{\"0\":[10,11]}");
    assertThat(exchange.getProperty("unsent")).isEqualTo("{3}");
    assertThat(sent(2, 0).getProperty("unsent")).isEqualTo("{1,2}");
    assertThat(sent(2, 2).getProperty("unsent")).isEqualTo("{}");
  }

  /** Sends changes from 1 on, as many as there is time for. */
  private Exchange sent(int changes, int most) {
    Exchange exchange = new DefaultExchange(context);
    List<RecordMetadata> sent = new ArrayList<>();
    exchange.getMessage().setHeader(KafkaConstants.KAFKA_RECORD_META, sent);
    exchange.setProperty("mayForward", (BooleanSupplier) () -> sent.size() < most);
    List<Map<String, Object>> rows =
        LongStream.rangeClosed(1, changes)
            .mapToObj(id -> Map.<String, Object>of("change_id", id))
            .toList();
    new Forwarding(context, changes)
        .messages(rows, exchange)
        .forEachRemaining(
            message ->
                sent.add(
                    new RecordMetadata(
                        new TopicPartition("changes", 0), 10, sent.size(), 0, 0, 0)));
    Forwarding.readOffsets(exchange);
    return exchange;
  }
}
