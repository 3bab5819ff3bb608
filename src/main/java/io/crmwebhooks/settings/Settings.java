package io.crmwebhooks.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The settings of this process, all of them read and checked at once. {@code
 * application.properties} on the class path is the documented list of them and their defaults; a
 * file and then the environment override it. Immutable.
 */
public final class Settings {
  /** The file that this version brings along, relative to the working directory. */
  public static final Path FILE = Path.of("config", "application.properties");

  /** The user's own file. */
  static final Path LOCAL = Path.of("config", "local.properties");

  /** The files that override the defaults, the later the stronger; none need exist. */
  private static final List<Path> FILES = List.of(FILE, LOCAL);

  private final Properties properties;
  private final Map<String, Object> values;

  private Settings(Properties properties, Map<String, Object> values) {
    this.properties = properties;
    this.values = values;
  }

  /**
   * Reads the defaults, the files of the folder {@code config} and the environment.
   *
   * @throws StartupException naming every property that is unknown or has a bad value
   */
  public static Settings load() {
    return load(FILES, System.getenv(), Map.of());
  }

  /**
   * Makes the user's own file of settings, with none in it, beside the package's. It is left alone
   * where there is one. Where it cannot be written, the environment sets what is to be set.
   */
  public static void makeLocal() {
    PropertiesFile.make(LOCAL);
  }

  /** As {@link #load()}, from the given sources; {@code overrides} win over all others. */
  public static Settings load(
      Path file, Map<String, String> environment, Map<String, String> overrides) {
    return load(List.of(file), environment, overrides);
  }

  static Settings load(
      List<Path> files, Map<String, String> environment, Map<String, String> overrides) {
    Properties properties = defaults();
    Map<String, String> origins = new HashMap<>();
    for (Path file : files) {
      Properties found = PropertiesFile.read(file);
      found.stringPropertyNames().forEach(name -> origins.put(name, file.toString()));
      properties.putAll(found);
    }
    Environment variables = new Environment(environment);
    for (String name : variables.properties()) {
      if (variables.of(name) != null) {
        properties.setProperty(name, variables.of(name));
        origins.put(name, Environment.variable(name));
      }
    }
    properties.putAll(overrides);
    origins.keySet().removeAll(overrides.keySet());
    return check(properties, origins);
  }

  /**
   * As {@link #load()}, with a command's own defaults in {@code presets}. They win over the files,
   * which are for servers, but not over the environment.
   */
  public static Settings load(Map<String, String> presets, Map<String, String> environment) {
    Map<String, String> open = new HashMap<>(presets);
    open.keySet().removeIf(name -> new Environment(environment).of(name) != null);
    return load(FILES, environment, open);
  }

  /** The warnings about environment variables, a sentence each. */
  public static List<String> warnings(Map<String, String> environment) {
    return new Environment(environment).warnings();
  }

  /** These settings with one of them set anew. */
  public Settings with(String name, String value) {
    Properties changed = new Properties();
    changed.putAll(properties);
    changed.setProperty(name, value);
    return check(changed, Map.of());
  }

  /**
   * @param origins where a property was set, for the errors
   */
  private static Settings check(Properties properties, Map<String, String> origins) {
    List<String> errors = new ArrayList<>();
    Map<String, Object> values = new HashMap<>();
    for (String name : new TreeSet<>(properties.stringPropertyNames())) {
      Setting setting = KnownSettings.of(name);
      String written = properties.getProperty(name);
      properties.setProperty(name, setting == null ? written.strip() : setting.clean(written));
      if (setting != null) {
        try {
          values.put(name, setting.parse(properties.getProperty(name)));
        } catch (IllegalArgumentException e) {
          errors.add(
              name
                  + " "
                  + e.getMessage()
                  + (setting.isShown() ? ", but is '" + properties.getProperty(name) + "'" : "")
                  + origin(name, origins));
        }
      } else if (name.startsWith("webhooks.")) {
        errors.add(name + " is not a known property" + origin(name, origins));
      }
    }
    if (errors.isEmpty()) {
      mustBeLonger(values, "webhooks.delivery.lease", "webhooks.delivery.timeout", errors);
      mustBeLonger(values, "webhooks.poll.lease", "webhooks.dispatch.patience", errors);
      mustBeLonger(values, "webhooks.health.ready-within", "webhooks.poll.delay", errors);
      mustBeLonger(values, "webhooks.health.live-within", "webhooks.poll.delay", errors);
      if (values.get("webhooks.engine").equals("kafka")
          && values.get("webhooks.kafka.brokers").equals("")) {
        errors.add("webhooks.kafka.brokers must name the brokers when webhooks.engine is kafka");
      }
    }
    if (!errors.isEmpty()) {
      throw new StartupException("wrong settings: " + String.join("; ", errors));
    }
    return new Settings(properties, values);
  }

  private static String origin(String name, Map<String, String> origins) {
    return origins.containsKey(name) ? " (" + origins.get(name) + ")" : "";
  }

  private static void mustBeLonger(
      Map<String, Object> values, String longer, String shorter, List<String> errors) {
    if (((Duration) values.get(longer)).compareTo((Duration) values.get(shorter)) <= 0) {
      errors.add(longer + " must be longer than " + shorter);
    }
  }

  private static Properties defaults() {
    try (InputStream in = Settings.class.getResourceAsStream("/application.properties")) {
      Properties properties = new Properties();
      properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The settings that Camel and the routes see: all that hold no secret. */
  public Properties properties() {
    Properties copy = new Properties();
    copy.putAll(properties);
    copy.keySet().removeIf(name -> isSecret((String) name));
    return copy;
  }

  private static boolean isSecret(String name) {
    Setting setting = KnownSettings.of(name);
    return setting != null && !setting.isShown();
  }

  public String text(String name) {
    return get(name, String.class);
  }

  /** Whether Kafka is the engine; else PostgreSQL is all there is. */
  public boolean isOnKafka() {
    return text("webhooks.engine").equals("kafka");
  }

  /** Several values that nobody may see. */
  @SuppressWarnings("unchecked")
  public List<String> secrets(String name) {
    return get(name, List.class);
  }

  public int integer(String name) {
    return get(name, Integer.class);
  }

  public double fraction(String name) {
    return get(name, Double.class);
  }

  public Duration duration(String name) {
    return get(name, Duration.class);
  }

  /** A path, or null when it is not set. */
  public Path file(String name) {
    return get(name, Path.class);
  }

  /** The value of a setting with a type of its own. */
  public <T> T value(String name, Class<T> type) {
    return get(name, type);
  }

  @SuppressWarnings("unchecked")
  public List<Duration> durations(String name) {
    return get(name, List.class);
  }

  /** The settings that are Kafka's own, by its names for them; secrets may be among them. */
  public Map<String, String> kafkaClient() {
    Map<String, String> own = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(KnownSettings.KAFKA_CLIENT) && !value.equals("")) {
            own.put(name.substring(KnownSettings.KAFKA_CLIENT.length()), (String) value);
          }
        });
    return own;
  }

  private <T> T get(String name, Class<T> type) {
    return type.cast(values.get(name));
  }
}
