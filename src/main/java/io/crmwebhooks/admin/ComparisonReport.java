package io.crmwebhooks.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crmwebhooks.verify.ReceivedFile.Kind;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The result of a comparison with Twenty: counts, and some of the events. Used by one thread. */
public final class ComparisonReport {
  /** The finding about an event. */
  public enum Verdict {
    SAME("same", false),
    DIFFERS("differs", true),
    MISSING_HERE("missing here", true),
    MISSING_THERE("missing there", true),
    SENT_BY_BOTH("sent by both", true),
    BULK_DESTROYED("one event there for a bulk destroy", false),
    CASCADED("destroyed by a foreign key, which Twenty does not tell", false),
    REPEATED("repeated there", false);

    private final String words;
    private final boolean unexpected; // the senders disagree, beyond what is known of Twenty

    Verdict(String words, boolean unexpected) {
      this.words = words;
      this.unexpected = unexpected;
    }

    /** The key of its count, in camel case. */
    public String key() {
      String[] parts = name().toLowerCase(Locale.ROOT).split("_");
      StringBuilder key = new StringBuilder(parts[0]);
      for (int i = 1; i < parts.length; i++) {
        key.append(Character.toUpperCase(parts[i].charAt(0))).append(parts[i].substring(1));
      }
      return key.toString();
    }

    public String words() {
      return words;
    }
  }

  private final int most;
  private final Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
  private final Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);
  private final ArrayNode events = Json.array();

  /**
   * @param most how many events to list at most
   */
  ComparisonReport(int most) {
    this.most = most;
  }

  void count(Kind kind) {
    kinds.merge(kind, 1, Integer::sum);
  }

  /** Counts an event, and lists it unless it is the same on both sides. */
  void add(Verdict verdict, Integer line, ObjectNode event, String note) {
    counts.merge(verdict, 1, Integer::sum);
    if (verdict != Verdict.SAME && events.size() < most) {
      events.add(
          Json.object()
              .put("verdict", verdict.key())
              .put("line", line)
              .setAll(event.put("note", note)));
    }
  }

  ObjectNode json(Set<String> webhooks, Instant since, Instant until) {
    ObjectNode report = Json.object();
    report.put("since", since == null ? null : since.toString());
    report.put("until", until == null ? null : until.toString());
    webhooks.forEach(report.putArray("webhooks")::add);
    for (Verdict verdict : Verdict.values()) {
      report.put(verdict.key(), counts.getOrDefault(verdict, 0));
    }
    report.put("agrees", counts.keySet().stream().noneMatch(verdict -> verdict.unexpected));
    report.put("metadata", kinds.getOrDefault(Kind.METADATA, 0));
    report.put("ours", kinds.getOrDefault(Kind.OURS, 0));
    report.put("other", kinds.getOrDefault(Kind.OTHER, 0));
    report.set("events", events);
    return report;
  }
}
