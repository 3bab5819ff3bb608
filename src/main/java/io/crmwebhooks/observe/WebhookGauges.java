package io.crmwebhooks.observe;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Gauges with a value for each label of a webhook, asked for when somebody scrapes. */
final class WebhookGauges {
  private final MeterRegistry registry;
  private final WebhookLabels labels;

  WebhookGauges(MeterRegistry registry, WebhookLabels labels) {
    this.registry = registry;
    this.labels = labels;
  }

  /**
   * @param unit null: a number of things
   * @param value of a label; of any thread
   */
  void add(String name, String unit, String description, ToDoubleFunction<String> value) {
    MultiGauge gauge =
        MultiGauge.builder(name).baseUnit(unit).description(description).register(registry);
    labels.listen(known -> gauge.register(rows(known, value)));
  }

  private static Iterable<MultiGauge.Row<?>> rows(
      Set<String> labels, ToDoubleFunction<String> value) {
    return labels.stream()
        .map(
            label -> MultiGauge.Row.of(Tags.of("webhook", label), () -> value.applyAsDouble(label)))
        .collect(Collectors.toList());
  }
}
