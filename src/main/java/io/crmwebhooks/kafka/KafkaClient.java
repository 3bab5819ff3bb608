package io.crmwebhooks.kafka;

import io.crmwebhooks.secret.SealedSettings;
import io.crmwebhooks.settings.Settings;
import io.crmwebhooks.settings.StartupException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;

/**
 * The settings of every connection to the brokers, checked. Passwords are among them, so they must
 * not come into an endpoint's URI, which is logged. Nothing refers to this class while the engine
 * is another one, so that its libraries need not be there. Immutable.
 */
public final class KafkaClient {
  static final String PREFIX = "webhooks.kafka.client.";

  /** The engine promises things that hang on these. */
  private static final Set<String> OF_THE_ENGINE =
      Set.of(
          "acks",
          "allow.auto.create.topics",
          "auto.commit.interval.ms",
          "auto.offset.reset",
          "bootstrap.controllers",
          "bootstrap.servers",
          "buffer.memory",
          "compression.type",
          "delivery.timeout.ms",
          "enable.auto.commit",
          "enable.idempotence",
          "exclude.internal.topics",
          "fetch.max.bytes",
          "group.id",
          "group.instance.id",
          "group.protocol",
          "interceptor.classes",
          "isolation.level",
          "key.deserializer",
          "key.serializer",
          "linger.ms",
          "max.block.ms",
          "max.in.flight.requests.per.connection",
          "max.partition.fetch.bytes",
          "max.poll.interval.ms",
          "max.poll.records",
          "max.request.size",
          "partition.assignment.strategy",
          "partitioner.class",
          "partitioner.ignore.keys",
          "retries",
          "transactional.id",
          "value.deserializer",
          "value.serializer");

  /** Unless it is set otherwise. Each client would have hundreds of beans of JMX. */
  private static final Map<String, String> WITHOUT_BEANS =
      Map.of(
          AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG, "",
          AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, "false");

  private final String brokers;
  private final Map<String, String> further;

  private KafkaClient(String brokers, Map<String, String> further) {
    this.brokers = brokers;
    this.further = Map.copyOf(further);
  }

  /**
   * @throws StartupException when the libraries are not there, or naming each setting that is wrong
   */
  public static KafkaClient of(Settings settings) {
    requireLibraries();
    Map<String, String> further = opened(settings);
    List<String> errors = Known.errors(further);
    if (!errors.isEmpty()) {
      throw new StartupException("wrong settings: " + String.join("; ", errors));
    }
    return new KafkaClient(settings.text("webhooks.kafka.brokers"), further);
  }

  private static Map<String, String> opened(Settings settings) {
    Map<String, String> named = new HashMap<>();
    settings.kafkaClient().forEach((name, value) -> named.put(PREFIX + name, value));
    Map<String, String> opened = new HashMap<>();
    SealedSettings.open(settings, named)
        .forEach((name, value) -> opened.put(name.substring(PREFIX.length()), value));
    return opened;
  }

  /**
   * @throws StartupException when they are not on the class path
   */
  static void requireLibraries() {
    try {
      Class.forName("org.apache.camel.component.kafka.KafkaComponent");
      Class.forName("org.apache.kafka.clients.consumer.ConsumerConfig");
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      throw new StartupException(
          "webhooks.engine=kafka needs the libraries of lib/kafka on the class path", e);
    }
  }

  /** Host and port of each, with commas between. */
  public String brokers() {
    return brokers;
  }

  /**
   * The settings besides the brokers, by Kafka's names. It is for {@code additionalProperties} of
   * the component, whose endpoints get it without its being in their URIs. Passwords are of a type
   * that Camel, which logs at {@code TRACE} what it sets, does not show.
   */
  public Map<String, Object> further() {
    Map<String, Object> all = new HashMap<>(WITHOUT_BEANS);
    all.putAll(further);
    all.replaceAll((name, value) -> Known.isSecret(name) ? new Password((String) value) : value);
    return all;
  }

  /** The settings that a client without Camel needs to reach the brokers. */
  public Map<String, Object> connection() {
    Map<String, Object> all = further();
    all.put("bootstrap.servers", brokers);
    return all;
  }

  /** The settings that Kafka's client knows. */
  private static final class Known {
    private static final Map<String, ConfigKey> KEYS = new HashMap<>();

    static {
      KEYS.putAll(AdminClientConfig.configDef().configKeys());
      KEYS.putAll(ProducerConfig.configDef().configKeys());
      KEYS.putAll(ConsumerConfig.configDef().configKeys());
    }

    /** A sentence on each that is wrong; none repeats a value. */
    static List<String> errors(Map<String, String> settings) {
      Map<String, String> errors = new LinkedHashMap<>();
      for (String name : new TreeSet<>(settings.keySet())) {
        if (OF_THE_ENGINE.contains(name)) {
          errors.put(name, "is set by the engine itself");
        } else if (!KEYS.containsKey(name)) {
          errors.put(name, "is no setting of Kafka's client");
        } else if (!isReadable(KEYS.get(name), settings.get(name))) {
          errors.put(name, "has a value that Kafka's client does not take");
        }
      }
      List<String> sentences = new ArrayList<>();
      errors.forEach((name, error) -> sentences.add(PREFIX + name + " " + error));
      return sentences;
    }

    static boolean isSecret(String name) {
      return KEYS.get(name).type == Type.PASSWORD;
    }

    private static boolean isReadable(ConfigKey key, String value) {
      try {
        Object parsed = ConfigDef.parseType(key.name, value, key.type);
        if (key.validator != null) {
          key.validator.ensureValid(key.name, parsed);
        }
        if (key.name.equals(SaslConfigs.SASL_JAAS_CONFIG)) {
          JaasContext.loadClientContext(Map.of(key.name, parsed));
        }
        return key.type != Type.CLASS || parsed instanceof Class;
      } catch (RuntimeException e) {
        return false; // its message may repeat a part of a password
      }
    }
  }
}
