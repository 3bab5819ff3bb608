package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The changes that a replay owes, as {@code start-replay.sql} takes them: one bit each, in blocks
 * of 8192 changes, only where there is any. Used by one thread.
 */
final class MissingChanges {
  private static final int BLOCK_BITS = 13;
  private static final int BYTES = 1 << BLOCK_BITS - 3;

  /** Some 15 KiB of memory each on the way to the database: bits, digits, JSON and its bytes. */
  private static final int MOST = 1000;

  private final Map<Long, byte[]> blocks = new TreeMap<>();
  private final int most;

  MissingChanges() {
    this(MOST);
  }

  /**
   * @param most blocks, each of 1 KiB
   */
  MissingChanges(int most) {
    this.most = most;
  }

  /**
   * Adds the changes that a row of {@code account-changes.sql} names.
   *
   * @throws Problem 400 when there are too many
   */
  void add(JsonNode row) {
    for (JsonNode id : row.path("ids")) {
      long change = id.asLong();
      byte[] bits = blocks.computeIfAbsent(change >> BLOCK_BITS, block -> new byte[BYTES]);
      int bit = (int) (change & (1 << BLOCK_BITS) - 1);
      bits[bit >> 3] |= (byte) (1 << (bit & 7));
      if (blocks.size() > most) {
        throw Problem.invalid(
            "until",
            "must be earlier: the changes that are missing are spread over more than %,d others up to then; replay them in several ranges"
                .formatted((long) most << BLOCK_BITS));
      }
    }
  }

  ArrayNode blocks() {
    ArrayNode json = Json.array();
    blocks.forEach(
        (block, bits) ->
            json.addObject()
                .put("block", block)
                .put("bits", "\\x" + HexFormat.of().formatHex(bits)));
    return json;
  }
}
