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
 * none. Every read is bounded in time, records and memory, and so is the number of reads at a time,
 * of which no workspace has all. The workspace that asks is null where it is all of them.
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

  /** The longest time range of a list. */
  Duration LONGEST = Duration.ofDays(1);

  /** Whether deliveries that have arrived are kept elsewhere. */
  boolean isElsewhere();

  /**
   * Some outcomes from before that time are gone; null: none are.
   *
   * @param workspace that asks
   */
  Instant completeSince(String workspace);

  /**
   * Reads a page of outcomes, the newest first by when they were recorded. It may be short or even
   * empty although there are more.
   *
   * @param cursor where the page before has ended; null: it is the first
   * @throws IllegalArgumentException when the cursor is none
   */
  Page page(Wanted wanted, String cursor, int limit);

  /**
   * Reads outcomes of a change, without {@code body} and {@code history}.
   *
   * @param workspace that asks
   * @param from where another read has ended; null: from its capture on
   * @throws IllegalArgumentException when {@code from} is no such place
   */
  Found ofChange(Place change, String workspace, String from);

  /**
   * Looks for outcomes by the ids of their deliveries.
   *
   * @param changes the change of each
   * @param workspace that asks
   * @throws Problem 503 when one is not found, and not everything could be looked at
   */
  Sought find(Map<String, Place> changes, String workspace);

  /**
   * Begins an account.
   *
   * @param workspace that asks
   */
  Account account(String workspace);

  /** It has one of the few places for accounts, and the time for one. Used by one thread. */
  interface Account extends AutoCloseable {
    /**
     * Finds which changes have arrived at which webhook. The pairs are read on only as long as the
     * account is open.
     *
     * @param webhooks nothing is kept of others
     * @param first only changes after this one
     * @param last up to this one
     * @param since when the first of them was captured
     * @param progress is told how far it has come, from 0 to 1
     */
    Pairs pairs(Set<UUID> webhooks, long first, long last, Instant since, DoubleConsumer progress);

    @Override
    void close();
  }

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

  /**
   * @param outcomes by the ids of their deliveries; of several of one that with most attempts
   * @param left those for which there was no room: ask for them again
   */
  record Sought(Map<String, ObjectNode> outcomes, Set<String> left) {
    static final Sought NOTHING = new Sought(Map.of(), Set.of());
  }

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
  final class Nowhere implements Delivered, Account, Pairs {
    private Nowhere() {}

    @Override
    public boolean isElsewhere() {
      return false;
    }

    @Override
    public Instant completeSince(String workspace) {
      return null;
    }

    @Override
    public Page page(Wanted wanted, String cursor, int limit) {
      return new Page(List.of(), null);
    }

    @Override
    public Found ofChange(Place change, String workspace, String from) {
      return new Found(List.of(), null);
    }

    @Override
    public Sought find(Map<String, Place> changes, String workspace) {
      return Sought.NOTHING;
    }

    @Override
    public Account account(String workspace) {
      return this;
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

    @Override
    public void close() {}
  }
}
