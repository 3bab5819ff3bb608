package io.crmwebhooks.kafka;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.crmwebhooks.admin.Json;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Pairs of a change and a webhook, one bit each: for each webhook and 8192 changes a block of 1
 * KiB, only where there is any. When more would be needed than it may take, it lets go of the
 * latest changes. Used by one thread.
 */
final class PairMap {
  /** As in {@code account-changes.sql}. */
  private static final int BLOCK_BITS = 13;

  private static final int BYTES = 1 << BLOCK_BITS - 3;
  private static final int OVERHEAD = 128;

  private final TreeMap<Long, Map<UUID, byte[]>> blocks = new TreeMap<>();
  private final long half;
  private long most;
  private long count;
  private long upto;

  /**
   * @param bytes it takes at most about that many, and half of them before {@link #takeAll}
   * @param upto it keeps nothing of later changes
   */
  PairMap(long bytes, long upto) {
    this.half = Math.max(1, bytes / (BYTES + OVERHEAD) / 2);
    this.most = half;
    this.upto = upto;
  }

  /** It has the pairs of changes up to this one. */
  long upto() {
    return upto;
  }

  /** Lets it take all of its bytes: from now on it should let go of nothing. */
  void takeAll() {
    most = 2 * half;
  }

  void add(long change, UUID webhook) {
    if (change > upto) {
      return;
    }
    long block = change >> BLOCK_BITS;
    Map<UUID, byte[]> webhooks = blocks.get(block);
    byte[] bits = webhooks == null ? null : webhooks.get(webhook);
    if (bits == null) {
      while (count >= most && blocks.lastKey() > blocks.firstKey()) {
        letGo();
      }
      if (change > upto) {
        return;
      }
      bits = new byte[BYTES];
      blocks.computeIfAbsent(block, key -> new HashMap<>()).put(webhook, bits);
      count++;
    }
    int bit = (int) (change & (1 << BLOCK_BITS) - 1);
    bits[bit >> 3] |= (byte) (1 << (bit & 7));
  }

  private void letGo() {
    Map.Entry<Long, Map<UUID, byte[]>> last = blocks.pollLastEntry();
    count -= last.getValue().size();
    upto = (last.getKey() << BLOCK_BITS) - 1;
  }

  boolean has(UUID webhook, long change) {
    byte[] bits = blocks.getOrDefault(change >> BLOCK_BITS, Map.of()).get(webhook);
    int bit = (int) (change & (1 << BLOCK_BITS) - 1);
    return bits != null && (bits[bit >> 3] & 1 << (bit & 7)) != 0;
  }

  /** The blocks that changes after one and up to another are in. */
  ArrayNode blocks(long after, long last) {
    ArrayNode json = Json.array();
    blocks
        .subMap(after + 1 >> BLOCK_BITS, true, last >> BLOCK_BITS, true)
        .forEach(
            (block, webhooks) ->
                webhooks.forEach(
                    (webhook, bits) ->
                        json.addObject()
                            .put("subscription_id", webhook.toString())
                            .put("block", block)
                            .put("bits", "\\x" + HexFormat.of().formatHex(bits))));
    return json;
  }
}
