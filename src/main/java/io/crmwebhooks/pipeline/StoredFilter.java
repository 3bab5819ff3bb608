package io.crmwebhooks.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.domain.Change;
import io.crmwebhooks.domain.Webhook;
import io.crmwebhooks.domain.Webhook.ProgramFailure;
import io.crmwebhooks.jq.ProgramException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The filter of a webhook as it is stored: the present one, and those that were in force before. A
 * change is judged by the one of the time of its capture, so that a repeated batch, another process
 * and an account come to the same answer. Thread-safe.
 */
final class StoredFilter implements Webhook.Filter {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<Past>> PAST = new TypeReference<>() {};

  /**
   * A filter that was replaced.
   *
   * @param until when, in microseconds since 1970
   * @param filter null: there was none
   */
  record Past(long until, String filter) {}

  private final String present;
  private final List<Past> past;

  private StoredFilter(String present, List<Past> past) {
    this.present = present;
    this.past = past;
  }

  /**
   * Of a row with {@code filter} and {@code past_filters}, a JSON array of the replaced ones, the
   * oldest first.
   */
  static Webhook.Filter of(Map<String, Object> row) {
    String present = (String) row.get("filter");
    List<Past> past = past((String) row.get("past_filters"));
    return present == null && past.isEmpty() ? NONE : new StoredFilter(present, past);
  }

  private static List<Past> past(String json) {
    try {
      return json == null ? List.of() : List.copyOf(JSON.readValue(json, PAST));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("PostgreSQL wrote other JSON than the schema allows", e);
    }
  }

  @Override
  public boolean wants(Change change, boolean asOfNow) {
    String filter = asOfNow ? present : inForce(change.getEpoch());
    return filter == null || wants(filter, Facts.captured(change));
  }

  private String inForce(long captured) {
    for (Past replaced : past) {
      if (captured < replaced.until() && captured > 0) {
        return replaced.filter();
      }
    }
    return present;
  }

  /**
   * All that were in force close to the capture of a change, for whoever cannot know the exact one.
   */
  List<String> around(long captured, long micros) {
    List<String> filters = new ArrayList<>();
    long from = Long.MIN_VALUE;
    for (Past replaced : past) {
      if (from - micros <= captured && captured < replaced.until() + micros) {
        filters.add(replaced.filter());
      }
      from = replaced.until();
    }
    if (from - micros <= captured || captured == 0) {
      filters.add(present);
    }
    return filters;
  }

  private static boolean wants(String filter, ObjectNode facts) {
    try {
      return Programs.of(filter).test(facts);
    } catch (ProgramException | IllegalArgumentException e) {
      throw new ProgramFailure("filter " + e.getMessage());
    }
  }
}
