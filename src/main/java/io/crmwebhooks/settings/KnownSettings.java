package io.crmwebhooks.settings;

import static java.util.Map.entry;

import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * The settings that there are, and how each is read. A new one is an entry here and a paragraph in
 * {@code application.properties}.
 */
final class KnownSettings {
  private static final Map<String, Setting> OWN =
      Map.ofEntries(
          entry("webhooks.engine", Setting.oneOf("postgresql", "kafka")),
          entry("webhooks.kafka.brokers", Setting.brokers()),
          entry("webhooks.kafka.prefix", Setting.topicPrefix()),
          entry("webhooks.kafka.partitions", Setting.integer(1, 10_000)),
          entry("webhooks.database.url", Setting.text().hidden()),
          entry("webhooks.database.username", Setting.text()),
          entry("webhooks.database.password", Setting.password()),
          entry("webhooks.database.pool-size", Setting.integer(3, 1000)),
          entry("webhooks.database.data", Setting.required()),
          entry("webhooks.http.port", Setting.integer(0, 65535)),
          entry("webhooks.http.host", Setting.required()),
          entry("webhooks.http.connections", Setting.integer(16, 10_000)),
          entry("webhooks.http.timeout", Setting.duration()),
          entry("webhooks.admin.token", Setting.emptyOrLong(20).hidden()),
          entry("webhooks.api.concurrency", Setting.integer(1, 16)),
          entry("webhooks.api.pool-size", Setting.integer(1, 100)),
          entry("webhooks.api.statement-timeout", Setting.duration()),
          entry("webhooks.stats.period", Setting.duration()),
          entry("webhooks.metrics.period", Setting.duration()),
          entry("webhooks.metrics.webhooks", Setting.integer(0, 10_000)),
          entry("webhooks.tracing.enabled", Setting.oneOf("true", "false")),
          entry("webhooks.tracing.propagate", Setting.oneOf("true", "false")),
          entry("webhooks.manage.enabled", Setting.oneOf("true", "false")),
          entry("webhooks.news.interval", Setting.duration()),
          entry("webhooks.news.waiting", Setting.integer(1, 100_000)),
          entry("webhooks.health.live-within", Setting.duration()),
          entry("webhooks.health.ready-within", Setting.duration()),
          entry("webhooks.routes", Setting.required()),
          entry("webhooks.custom.routes", Setting.required()),
          entry("webhooks.log.format", Setting.oneOf("text", "json")),
          entry("webhooks.log.level", Setting.oneOf("ERROR", "WARN", "INFO", "DEBUG", "TRACE")),
          entry("webhooks.shutdown.timeout", Setting.duration()),
          entry("webhooks.node.heartbeat", Setting.duration()),
          entry("webhooks.poll.delay", Setting.duration()),
          entry("webhooks.poll.batch-size", Setting.integer(1, 5000)),
          entry("webhooks.poll.batch-bytes", Setting.integer(1, 1_000_000_000)),
          entry("webhooks.poll.record-bytes", Setting.integer(1, 1_000_000_000)),
          entry("webhooks.poll.batches", Setting.integer(1, 64)),
          entry("webhooks.poll.lease", Setting.duration()),
          entry("webhooks.customise.timeout", Setting.duration()),
          entry("webhooks.dispatch.lanes", Setting.integer(1, 64)),
          entry("webhooks.dispatch.patience", Setting.duration()),
          entry("webhooks.delivery.timeout", Setting.duration()),
          entry("webhooks.delivery.retry-schedule", Setting.durations()),
          entry("webhooks.delivery.retry-jitter", Setting.fraction()),
          entry("webhooks.delivery.retry-after-limit", Setting.duration()),
          entry("webhooks.delivery.lease", Setting.duration()),
          entry("webhooks.delivery.concurrency", Setting.integer(1, 10_000)),
          entry("webhooks.endpoint.failures", Setting.integer(0, 10_000)),
          entry("webhooks.endpoint.first-pause", Setting.duration()),
          entry("webhooks.endpoint.longest-pause", Setting.duration()),
          entry("webhooks.endpoint.disable-after", Setting.duration()),
          entry("webhooks.redelivery.concurrency", Setting.integer(1, 10_000)),
          entry("webhooks.replay.share", Setting.fraction()),
          entry("webhooks.replay.failures", Setting.integer(0, 1_000_000)),
          entry("webhooks.replay.pause", Setting.duration()),
          entry("webhooks.replay.delay", Setting.duration()),
          entry("webhooks.secrets.key", Setting.keys().hidden()),
          entry("webhooks.secrets.key-file", Setting.text()),
          entry("webhooks.secrets.rotation-overlap", Setting.duration()),
          entry("webhooks.retention.delivered", Setting.duration()),
          entry("webhooks.retention.dead", Setting.duration()),
          entry("webhooks.retention.interval", Setting.duration()),
          entry("webhooks.retention.chunk", Setting.integer(1, 100_000)),
          entry("webhooks.retention.pause", Setting.duration()),
          entry("webhooks.housekeeping.interval", Setting.duration()),
          entry("webhooks.vacuum.interval", Setting.duration()),
          entry("webhooks.twenty.cascades", Setting.oneOf("true", "false")),
          entry("webhooks.twenty.search-vector", Setting.oneOf("true", "false")),
          entry("webhooks.twenty.share-restricted", Setting.oneOf("true", "false")),
          entry("webhooks.twenty.follow", Setting.duration()),
          entry("webhooks.egress.proxy.username", Setting.text()),
          entry("webhooks.egress.proxy.password", Setting.password()),
          entry("webhooks.egress.tls.ca", Setting.file()),
          entry("webhooks.egress.tls.certificate", Setting.file()),
          entry("webhooks.egress.tls.key", Setting.file()),
          entry("webhooks.egress.tls.folder", Setting.required()));

  /** Begins the names of those that are Kafka's own; which there are, its client says. */
  static final String KAFKA_CLIENT = "webhooks.kafka.client.";

  /** Those of all packages. */
  static final Map<String, Setting> ALL = all();

  private KnownSettings() {}

  /** How this one is read; null when there is none. */
  static Setting of(String name) {
    return name.startsWith(KAFKA_CLIENT) && name.length() > KAFKA_CLIENT.length()
        ? Setting.verbatim()
        : ALL.get(name);
  }

  private static Map<String, Setting> all() {
    Map<String, Setting> all = new HashMap<>(OWN);
    ServiceLoader.load(Setting.Source.class).forEach(source -> all.putAll(source.settings()));
    return Map.copyOf(all);
  }
}
