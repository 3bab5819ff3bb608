package io.crmwebhooks.database;

import static java.util.Map.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The statements of the pipeline as sessions prepare them, with values that routes would pass. */
final class PreparedStatements {
  /** The size of a batch. */
  static final int BATCH = 500;

  /** A batch that has lost its claim writes nothing. */
  static final String CLAIM =
      "INSERT INTO webhooks.claim (id, node, lease_until, changes) VALUES (1, 1, now() + interval '1 h', '{1}') ON CONFLICT DO NOTHING";

  static final String WEBHOOK = "00000000-0000-0000-0000-000000000001";
  static final String OTHER = "00000000-0000-0000-0000-000000000002";
  private static final String NO_DELIVERY = "msg_0000000000000001" + "0".repeat(32);
  private static final String CHUNK =
      "{\"replay\":1,\"position\":0,\"reached\":9,\"owed\":1,\"refused\":0,\"dropped\":[],\"again\":[\"%s\"],\"deliveries\":[{\"change_id\":1}]}"
          .formatted(NO_DELIVERY);

  /** Statements of housekeeping and of operators that change few of many rows. */
  static final List<String> NOW_AND_THEN =
      List.of(
          "beat",
          "heed-clock",
          "leave",
          "disable-gone-webhook",
          "remove-webhook",
          "hasten-pending",
          "cancel-replayed",
          "owe-replay",
          "retry-parked");

  private static final String IN_ORDER =
      "[{\"change_id\":99999,\"subscription_id\":\"%s\",\"object\":\"person\",\"record_id\":\"y7\"}]"
          .formatted(WEBHOOK);
  private static final String LINES =
      "[{\"subscription_id\":\"%s\",\"records\":[{\"object\":\"person\",\"record_id\":\"x\"},{\"object\":\"person\",\"record_id\":\"y7\"}]}]"
          .formatted(WEBHOOK);

  static final Map<String, Map<String, String>> OF =
      Map.ofEntries(
          entry("find-waiting", ordered("lines", LINES)),
          entry("keep-order", ordered("claimed", "[]", "pollDelay", "100ms")),
          entry("supersede", ordered("updates", IN_ORDER, "lease", "60s")),
          entry("wake-sleepers", ordered()),
          entry(
              "purge-old",
              ordered("after", 0, "keepDelivered", "0s", "chunk", BATCH, "keepDead", "0s")),
          entry("cancel-orphans", ordered("chunk", 2000)),
          entry(
              "beat",
              ordered(
                  "node",
                  1,
                  "heartbeat",
                  "10s",
                  "secretKeys",
                  "{}",
                  "lease",
                  "60s",
                  "moving",
                  "{1}",
                  "held",
                  "{1}")),
          entry(
              "heed-clock",
              ordered(
                  "heartbeat",
                  "10s",
                  "lease",
                  "60s",
                  "deliveryLease",
                  "60s",
                  "longestPause",
                  "1h")),
          entry("leave", ordered("node", 1, "unfinished", "{" + NO_DELIVERY + "}")),
          entry("disable-gone-webhook", ordered("webhook", OTHER, "reason", "r")),
          entry("remove-webhook", ordered("id", OTHER, "workspace", "NULL", "version", "NULL")),
          entry("hasten-pending", ordered("webhook", OTHER, "lease", "60s", "size", 100)),
          entry("cancel-replayed", ordered("id", 1)),
          entry("owe-replay", ordered("chunk", CHUNK)),
          entry(
              "retry-parked",
              ordered(
                  "after",
                  0,
                  "ids",
                  "NULL",
                  "chunk",
                  100,
                  "workspace",
                  "NULL",
                  "object",
                  "NULL",
                  "action",
                  "NULL",
                  "since",
                  "NULL",
                  "until",
                  "NULL",
                  "reason",
                  "NULL")),
          entry(
              "take-batch",
              ordered(
                  "inOrder",
                  false,
                  "batchSize",
                  BATCH,
                  "batchBytes",
                  8_000_000,
                  "node",
                  1,
                  "lease",
                  "60s",
                  "recordBytes",
                  5_000_000)),
          entry(
              "claim-due",
              ordered(
                  "busy",
                  "[]",
                  "most",
                  BATCH,
                  "webhookBytes",
                  8_000_000,
                  "concurrency",
                  BATCH,
                  "room",
                  BATCH,
                  "lease",
                  "60s",
                  "batchBytes",
                  8_000_000,
                  "pollDelay",
                  "100ms")),
          entry(
              "settle-batch",
              ordered(
                  "batch",
                  "{\"returned\":[1],\"parked\":[{\"change_id\":2,\"reason\":\"r\"}],\"outcomes\":["
                      + outcome("\"state\":\"delivered\"")
                      + "]}",
                  "claim",
                  1,
                  "only",
                  "")),
          entry("claim-replay", ordered("lease", "60s", "concurrency", 32, "deliveryLease", "60s")),
          entry(
              "replay-chunk",
              ordered(
                  "replay",
                  1,
                  "position",
                  0,
                  "room",
                  16,
                  "batchBytes",
                  8_000_000,
                  "recordBytes",
                  5_000_000)),
          entry(
              "record-redeliveries",
              ordered(
                  "outcomes",
                  "["
                      + outcome(
                          "\"id\":\"msg_0000000000000001"
                              + "0".repeat(32)
                              + "\",\"state\":\"delivered\"")
                      + "]")));

  private static String outcome(String state) {
    return "{\"change_id\":1,\"subscription_id\":\"%s\",\"attempts\":1,\"attempted_ms\":1,\"duration_ms\":1,%s}"
        .formatted(WEBHOOK, state);
  }

  private static Map<String, String> ordered(Object... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1].toString());
    }
    return map;
  }

  private PreparedStatements() {}

  static String prepared(String name) {
    return name.replace('-', '_');
  }

  static String sql(String name) throws IOException {
    String sql = Files.readString(Path.of("src/main/resources/sql", name + ".sql"));
    int number = 0;
    for (String parameter : OF.get(name).keySet()) {
      sql = sql.replaceAll(":\\?" + parameter + "\\b", "\\$" + ++number);
    }
    return sql;
  }

  static String call(String name) throws IOException {
    if (OF.get(name).isEmpty()) {
      return sql(name);
    }
    return OF.get(name).values().stream()
        .map(value -> value.equals("NULL") ? value : "'" + value + "'")
        .collect(Collectors.joining(", ", "EXECUTE " + prepared(name) + " (", ")"));
  }
}
