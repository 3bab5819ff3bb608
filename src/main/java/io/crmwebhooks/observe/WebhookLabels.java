package io.crmwebhooks.observe;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.apache.camel.Body;

/**
 * Chooses the webhooks with a label of their own in the metrics: the oldest ones, up to a number.
 * All others share one, so that the number of series is bounded. Every process comes to the same
 * answer. Thread-safe.
 */
public final class WebhookLabels {
  /** The label that the rest shares. */
  public static final String OTHER = "other";

  private final int most;
  private final List<Consumer<Set<String>>> listeners = new ArrayList<>();
  private volatile Map<UUID, String> own = Map.of();

  /**
   * @param most how many have one of their own
   */
  public WebhookLabels(int most) {
    this.most = most;
  }

  /**
   * A gauge with a value for each label, asked for when somebody scrapes.
   *
   * @param unit null: a number of things
   * @param value of a label; of any thread
   */
  void gauge(
      MeterRegistry registry,
      String name,
      String unit,
      String description,
      ToDoubleFunction<String> value) {
    MultiGauge gauge =
        MultiGauge.builder(name).baseUnit(unit).description(description).register(registry);
    listen(
        known ->
            gauge.register(
                known.stream()
                    .<MultiGauge.Row<?>>map(
                        label ->
                            MultiGauge.Row.of(
                                Tags.of("webhook", label), () -> value.applyAsDouble(label)))
                    .toList()));
  }

  /** Has all labels told to somebody now, and again whenever there are others. */
  synchronized void listen(Consumer<Set<String>> listener) {
    listeners.add(listener);
    listener.accept(all());
  }

  /** Reads the rows of {@code load-webhooks.sql}, the oldest webhook first. */
  public void load(@Body List<Map<String, Object>> rows) {
    set(rows.stream().map(row -> (UUID) row.get("id")).filter(Objects::nonNull).toList());
  }

  /** Takes these webhooks, the oldest first, if none have been loaded yet. */
  synchronized void setFirst(List<UUID> webhooks) {
    if (own.isEmpty()) {
      set(webhooks);
    }
  }

  private synchronized void set(List<UUID> webhooks) {
    Map<UUID, String> labels = new LinkedHashMap<>();
    webhooks.stream().limit(most).forEach(id -> labels.put(id, id.toString()));
    if (!labels.equals(own)) {
      own = labels;
      listeners.forEach(listener -> listener.accept(all()));
    }
  }

  String of(UUID webhook) {
    return own.getOrDefault(webhook, OTHER);
  }

  private Set<String> all() {
    Set<String> all = new TreeSet<>(own.values());
    all.add(OTHER);
    return all;
  }
}
