package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.DoubleConsumer;

/**
 * Deliveries that have arrived and are kept elsewhere than in the tables. On PostgreSQL there are
 * none. Every read is bounded in time, records and memory, and so is the number of reads at a time.
 * Implementations are thread-safe, and throw a {@link Problem} 503 when they are busy or the other
 * place does not answer.
 *
 * <p>An outcome is a JSON object with the columns of {@code webhooks.delivery} by their names.
 * Times are in milliseconds since 1970: {@code attempted_ms}, {@code created_ms}. {@code history}
 * has all attempts, where there was more than one.
 */
public interface Delivered {
  /** Nothing is elsewhere: the tables have every delivery. */
  Delivered NOWHERE = new Nowhere();

  /** The pairs of that. */
  Pairs NOTHING = new Nowhere();

  /** The longest time range of a list. */
  Duration LONGEST = Duration.ofDays(1);

  /** Whether deliveries that have arrived are kept elsewhere. */
  boolean isElsewhere();

  /** Some outcomes from before that time are gone; null: none are. */
  Instant completeSince();

  /**
   * Reads a page of outcomes, the newest first by when they were recorded. It may be short or even
   * empty although there are more.
   *
   * @param cursor where the page before has ended; null: it is the first
   * @throws IllegalArgumentException when the cursor is none
   */
  Page page(Wanted wanted, String cursor, int limit);

  /**
   * Reads outcomes of a change.
   *
   * @param from where another read has ended; null: from its capture on
   * @throws IllegalArgumentException when {@code from} is no such place
   */
  Found ofChange(Place change, String from);

  /**
   * Looks for outcomes by the ids of their deliveries.
   *
   * @param changes the change of each
   * @return those found; of several outcomes of a delivery the one with most attempts
   * @throws Problem 503 when one is not found, and not everything could be looked at
   */
  Map<String, ObjectNode> find(Map<String, Place> changes);

  /**
   * Finds which changes have arrived at which webhook.
   *
   * @param webhooks nothing is kept of others
   * @param first only changes after this one
   * @param last up to this one
   * @param since when the first of them was captured
   * @param progress is told how far it has come, from 0 to 1
   */
  Pairs pairs(Set<UUID> webhooks, long first, long last, Instant since, DoubleConsumer progress);

  /**
   * The wanted outcomes.
   *
   * @param since when they were recorded, inclusive
   * @param until exclusive
   * @param workspace null: of all
   * @param webhook null: of all
   * @param object of their changes; null: any
   * @param action null: any
   */
  record Wanted(
      Instant since, Instant until, String workspace, UUID webhook, String object, String action) {}

  /**
   * A change, as far as it says where its outcomes are.
   *
   * @param captured when its row was written
   */
  record Place(long id, String workspace, String object, String recordId, Instant captured) {}

  /**
   * An outcome of a page.
   *
   * @param cursor to go on behind it
   */
  record Row(ObjectNode outcome, String cursor) {}

  /**
   * @param cursor to go on; null: that was all
   */
  record Page(List<Row> rows, String cursor) {}

  /**
   * @param next where to go on; null: that was all
   */
  record Found(Collection<ObjectNode> outcomes, String next) {}

  /** Pairs of a change and a webhook that it has arrived at. Used by one thread. */
  interface Pairs {
    /** They are known of changes up to this one. */
    long upto();

    /** Those of the changes after one up to another, as {@code account-changes.sql} takes them. */
    ArrayNode blocks(long after, long upto);

    boolean has(UUID webhook, long change);

    /** Adds what has been recorded since, up to the moment of this call. */
    void readOn();
  }

  /** Of the engine that keeps everything in the tables. */
  final class Nowhere implements Delivered, Pairs {
    private Nowhere() {}

    @Override
    public boolean isElsewhere() {
      return false;
    }

    @Override
    public Instant completeSince() {
      return null;
    }

    @Override
    public Page page(Wanted wanted, String cursor, int limit) {
      return new Page(List.of(), null);
    }

    @Override
    public Found ofChange(Place change, String from) {
      return new Found(List.of(), null);
    }

    @Override
    public Map<String, ObjectNode> find(Map<String, Place> changes) {
      return Map.of();
    }

    @Override
    public Pairs pairs(
        Set<UUID> webhooks, long first, long last, Instant since, DoubleConsumer progress) {
      return this;
    }

    @Override
    public long upto() {
      return Long.MAX_VALUE;
    }

    @Override
    public ArrayNode blocks(long after, long upto) {
      return Json.array();
    }

    @Override
    public boolean has(UUID webhook, long change) {
      return false;
    }

    @Override
    public void readOn() {}
  }
}
