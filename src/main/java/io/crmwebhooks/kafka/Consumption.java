package io.crmwebhooks.kafka;

import io.crmwebhooks.pipeline.Carried;
import io.crmwebhooks.pipeline.Rounds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of the route that takes changes from their topic. Each exchange is of the one thread
 * whose consumer has read it.
 */
public final class Consumption {
  private static final Logger LOG = LoggerFactory.getLogger(Consumption.class);
  private static final String PLACES = "places";
  private static final String ROWS = "rows";

  private volatile String log;

  /** Says which log the changes must be of. */
  void of(String log) {
    this.log = log;
  }

  /** Where a change is in the topic. */
  private record Place(TopicPartition partition, long offset, long changeId) {}

  /**
   * Turns polled messages into rows, and keeps their places. Of those that are settled already it
   * keeps the places only. The claims of the rows are left in the property {@code claims}, as an
   * array of PostgreSQL.
   *
   * @throws IllegalStateException when another database has put changes there
   */
  public void begin(@Body List<Exchange> polled, Exchange exchange) {
    LogConsumer consumer = consumer(polled.get(0));
    Carried.LOG.put(exchange, consumer);
    List<Place> places = new ArrayList<>();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Exchange each : polled) {
      Message message = each.getMessage();
      TopicPartition partition =
          new TopicPartition(
              message.getHeader(KafkaConstants.TOPIC, String.class),
              message.getHeader(KafkaConstants.PARTITION, Integer.class));
      long offset = message.getHeader(KafkaConstants.OFFSET, Long.class);
      Header header =
          message
              .getHeader(KafkaConstants.HEADERS, Headers.class)
              .lastHeader(ChangeMessages.HEADER);
      Map<String, Object> row =
          ChangeMessages.row(header == null ? null : header.value(), message.getBody(String.class));
      if (row != null && !log.equals(row.get(ChangeMessages.LOG))) {
        throw new IllegalStateException(
            "%s has changes of another database; each needs a webhooks.kafka.prefix of its own"
                .formatted(partition));
      }
      if (consumer.settled().has(partition, offset)) {
        places.add(new Place(partition, offset, 0));
      } else if (row == null) {
        LOG.warn("message.unknown partition={} offset={} it is no change", partition, offset);
        places.add(new Place(partition, offset, 0));
      } else {
        places.add(new Place(partition, offset, ((Number) row.get("change_id")).longValue()));
        rows.add(row);
      }
    }
    exchange.setProperty(PLACES, places);
    exchange.setProperty(ROWS, rows);
    exchange.setProperty(
        "claims",
        rows.stream()
            .map(row -> row.get(ChangeMessages.CLAIM).toString())
            .distinct()
            .collect(Collectors.joining(",", "{", "}")));
  }

  /**
   * The rows that count. Those of claims that are gone are passed over: see {@code
   * find-claims.sql}.
   *
   * @param claims that are there
   */
  @SuppressWarnings("unchecked")
  public List<Map<String, Object>> sift(@Body List<Map<String, Object>> claims, Exchange exchange) {
    Set<Long> there = new HashSet<>();
    claims.forEach(claim -> there.add((Long) claim.get("id")));
    List<Map<String, Object>> rows = exchange.getProperty(ROWS, List.class);
    List<Map<String, Object>> counting =
        rows.stream()
            .filter(row -> there.contains(((Number) row.get(ChangeMessages.CLAIM)).longValue()))
            .toList();
    if (counting.size() < rows.size()) {
      LOG.info(
          "messages.passed-over count={} their claims are gone", rows.size() - counting.size());
    }
    exchange.setProperty(ROWS, counting);
    return counting;
  }

  private static LogConsumer consumer(Exchange polled) {
    return (LogConsumer)
        polled
            .getMessage()
            .getHeader(KafkaConstants.MANUAL_COMMIT, DefaultKafkaManualCommit.class)
            .getConsumer();
  }

  /**
   * Commits, of each partition, what comes before the first change that is left. What is settled is
   * not sent again by this consumer, whatever it reads again.
   *
   * @throws org.apache.kafka.common.KafkaException when the broker has not taken it
   */
  @SuppressWarnings("unchecked")
  public void commit(Exchange exchange) {
    Set<Long> left = Rounds.leftIds(exchange);
    Map<TopicPartition, Long> next = new HashMap<>();
    Set<TopicPartition> stopped = new HashSet<>();
    LogConsumer consumer = (LogConsumer) Carried.LOG.of(exchange);
    for (Place place : (List<Place>) exchange.getProperty(PLACES, List.class)) {
      boolean isLeft = left.contains(place.changeId);
      if (!isLeft) {
        consumer.settled().add(place.partition, place.offset);
      }
      if (!stopped.contains(place.partition)) {
        next.put(place.partition, place.offset + (isLeft ? 0 : 1));
        if (isLeft) {
          stopped.add(place.partition);
        }
      }
    }
    try {
      consumer.commit(next);
      next.forEach(consumer.settled()::forgetBefore);
    } catch (RebalanceInProgressException e) {
      if (!left.isEmpty()) {
        throw e;
      }
      LOG.debug("the next commit has these offsets too, or another consumer repeats them", e);
    }
  }

  /** Ends the rounds. Changes that are left come with the next look. */
  public void end(Exchange exchange) {
    if (exchange.getProperty(ROWS, List.class).isEmpty()) { // so there was no round
      commit(exchange);
    } else if (!Rounds.leftIds(exchange).isEmpty()) {
      ((LogConsumer) Carried.LOG.of(exchange)).goBack();
    }
  }

  /** Reads again what was not settled. */
  public void rewind(Exchange exchange) {
    if (Carried.LOG.of(exchange) instanceof LogConsumer consumer) {
      consumer.rewind();
    }
  }
}
